namespace Modular.EndToEnd;

/// <summary>What discovery lists works, and docs/kubernetes-api.md says the same.</summary>
public sealed class KindsTests(ServedKinds kinds) : IClassFixture<ServedKinds>
{
    private static string Page => Path.Combine(Repository.Root, "docs", "kubernetes-api.md");

    [Fact]
    public void Every_kind_carries_the_script_through() => Assert.Empty(kinds.Problems);

    [Fact]
    public void Every_verb_that_discovery_lists_was_tried() => Assert.All(kinds.Served, kind =>
    {
        Assert.Subset(kinds.Worked[kind.Resource].ToHashSet(StringComparer.Ordinal),
            kind.Verbs.Concat(kind.Subresources.SelectMany(part => part.Verbs.Select(verb => $"{part.Name} {verb}"))).ToHashSet(StringComparer.Ordinal));
    });

    [Fact]
    public async Task The_page_says_what_works()
    {
        var expected = ApiPage.Write(kinds.Worked);
        if (Environment.GetEnvironmentVariable("MODULAR_WRITE_API_PAGE") == "1")
        {
            await File.WriteAllTextAsync(Page, expected, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken));
    }
}
