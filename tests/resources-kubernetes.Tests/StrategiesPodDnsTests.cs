using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

public sealed class StrategiesPodDnsTests
{
    [Theory]
    [InlineData("""{"dnsPolicy":"None","dnsConfig":{"nameservers":["10.0.0.1","2001:db8::1"],"searches":["a.b","c.d.","_x.y","."],"options":[{"name":"ndots","value":"2"}]}}""", "")]
    [InlineData("""{"dnsConfig":{"searches":["a.b"]}}""", "")]
    [InlineData("""{"dnsPolicy":"None"}""", "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None")]
    [InlineData("""{"dnsPolicy":"None","dnsConfig":{}}""", "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None")]
    [InlineData("""{"dnsConfig":{"nameservers":["name"]}}""", "spec.dnsConfig.nameservers[0]: Invalid value: \"name\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("""{"dnsConfig":{"nameservers":["1.0.0.1","1.0.0.2","1.0.0.3","1.0.0.4"]}}""", "spec.dnsConfig.nameservers: Invalid value: [\"1.0.0.1\",\"1.0.0.2\",\"1.0.0.3\",\"1.0.0.4\"]: must not have more than 3 nameservers")]
    [InlineData("""{"dnsConfig":{"options":[{"value":"2"}]}}""", "spec.dnsConfig.options[0].name: Required value")]
    public void How_names_are_looked_up_is_checked(string spec, string error)
    {
        var pod = StrategiesFixture.Pod("""{"containers":[{"name":"a","image":"i"}],""" + spec[1..]);
        StrategiesFixture.Expect(error, StrategiesFixture.Errors(PodStrategy.Instance, pod));
    }

    [Fact]
    public void A_search_list_has_an_end()
    {
        var domains = string.Join(',', Enumerable.Range(0, 33).Select(i => $"\"d{i}.{new string('x', 60)}\""));
        var pod = StrategiesFixture.Pod($$$"""{"containers":[{"name":"a","image":"i"}],"dnsConfig":{"searches":[{{{domains}}},"Not a name"]}}""");

        var errors = StrategiesFixture.Errors(PodStrategy.Instance, pod);

        Assert.Equal(3, errors.Count);
        Assert.EndsWith("must not have more than 32 search paths", errors[0], StringComparison.Ordinal);
        Assert.EndsWith("must not have more than 2048 characters (including spaces) in the search list", errors[1], StringComparison.Ordinal);
        Assert.StartsWith("spec.dnsConfig.searches[33]: Invalid value: \"Not a name\": ", errors[2], StringComparison.Ordinal);
    }
}
