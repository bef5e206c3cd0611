namespace Modular.ApiMachinery.Tests;

public sealed class NameRulesTests
{
    private static readonly string Long63 = new('a', 63);
    private static readonly string Long64 = new('a', 64);

    public static TheoryData<string, string, bool> Names => new()
    {
        { "label", "a", true }, { "label", "a-1", true }, { "label", Long63, true }, { "label", "1a", true },
        { "label", "", false }, { "label", "-a", false }, { "label", "a-", false }, { "label", "A", false }, { "label", "a.b", false },
        { "label", Long64, false }, { "label", "a_b", false },
        { "subdomain", "a.b-c.d", true }, { "subdomain", new string('a', 253), true }, { "subdomain", "web", true },
        { "subdomain", "a..b", false }, { "subdomain", ".a", false }, { "subdomain", "a.", false }, { "subdomain", "a.-b", false },
        { "subdomain", new string('a', 254), false }, { "subdomain", "", false },
        { "1035", "a1", true }, { "1035", "1a", false }, { "1035", "", false },
        { "qualified", "a", true }, { "qualified", "example.com/MyName", true }, { "qualified", "A_b.c-D", true },
        { "qualified", "/a", false }, { "qualified", "a/", false }, { "qualified", "a/b/c", false }, { "qualified", "Ex.com/a", false },
        { "qualified", "", false }, { "qualified", "_a", false }, { "qualified", Long64, false }, { "qualified", "a/" + Long63, true },
        { "value", "", true }, { "value", "a_b.C-1", true }, { "value", Long63, true }, { "value", Long64, false }, { "value", "a b", false },
        { "port", "http", true }, { "port", "1-a", true }, { "port", "a23456789012345", true },
        { "port", "a234567890123456", false }, { "port", "80", false }, { "port", "a--b", false }, { "port", "-a", false }, { "port", "Http", false },
        { "key", "a.b_C-1", true }, { "key", ".a", true }, { "key", "..a", false }, { "key", ".", false }, { "key", "a/b", false }, { "key", "", false },
        { "env", "A_1", true }, { "env", "1-a.b", true }, { "env", "a=b", false }, { "env", "", false },
        { "segment", "a:b", true }, { "segment", "..", false }, { "segment", "a/b", false }, { "segment", "a%b", false },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Judges(string rule, string value, bool fits)
    {
        var problems = rule switch
        {
            "label" => NameRules.Dns1123Label(value),
            "subdomain" => NameRules.Dns1123Subdomain(value),
            "1035" => NameRules.Dns1035Label(value),
            "qualified" => NameRules.QualifiedName(value),
            "value" => NameRules.LabelValue(value),
            "port" => NameRules.PortName(value),
            "key" => NameRules.ConfigMapKey(value),
            "env" => NameRules.EnvironmentVariable(value),
            _ => NameRules.PathSegment(value),
        };

        Assert.Equal(fits, problems.Count == 0);
    }

    [Fact]
    public void SpeaksAsKubernetesDoes()
    {
        Assert.Equal(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
            + "alphanumeric character (e.g. 'example.com', regex used for validation is "
            + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            Assert.Single(NameRules.Dns1123Subdomain("A")));
        Assert.Equal(["prefix part must be non-empty"], NameRules.QualifiedName("/a"));
        Assert.Equal("name part must be non-empty", NameRules.QualifiedName("a/")[0]);
        Assert.Equal(["must be no more than 63 bytes"], NameRules.Dns1123Label(Long64));
    }

    [Fact]
    public void GeneratedNamesKeepTheBaseAndFitALabel()
    {
        var name = NameGenerator.Generate("web-", new Random(1));
        var cut = NameGenerator.Generate(new string('b', 100), new Random(1));

        Assert.StartsWith("web-", name, StringComparison.Ordinal);
        Assert.Equal(9, name.Length);
        Assert.Empty(NameRules.Dns1123Label(name));
        Assert.Equal(63, cut.Length);
        Assert.Equal(name, NameGenerator.Generate("web-", new Random(1)));
        Assert.NotEqual(name, NameGenerator.Generate("web-", new Random(2)));
        Assert.DoesNotContain(name[4..], c => !"bcdfghjklmnpqrstvwxz2456789".Contains(c));
    }
}
