using System.Text;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;

namespace Modular.Plugins.NodeAgent.Tests;

public sealed class ResolverFileTests
{
    private static readonly PodResolver Machine = new()
    {
        Nameservers = ["127.0.0.53", "192.0.2.53", "127.0.0.54"],
        Searches = ["corp.example"],
        Options = ["edns0", "ndots:1"],
    };

    [Theory]
    [InlineData("""{}""", "search shop.svc.cluster.test svc.cluster.test cluster.test corp.example\nnameserver 10.96.0.10\noptions ndots:5\n")]
    [InlineData("""{"dnsPolicy":"ClusterFirst"}""", "search shop.svc.cluster.test svc.cluster.test cluster.test corp.example\nnameserver 10.96.0.10\noptions ndots:5\n")]
    [InlineData("""{"hostNetwork":true,"dnsPolicy":"ClusterFirstWithHostNet"}""", "search shop.svc.cluster.test svc.cluster.test cluster.test corp.example\nnameserver 10.96.0.10\noptions ndots:5\n")]
    [InlineData("""{"hostNetwork":true}""", "search corp.example\nnameserver 127.0.0.53\nnameserver 192.0.2.53\nnameserver 127.0.0.54\noptions edns0 ndots:1\n")]
    [InlineData("""{"dnsPolicy":"Default"}""", "search corp.example\nnameserver 10.96.0.10\nnameserver 192.0.2.53\noptions edns0 ndots:1\n")]
    [InlineData("""{"dnsPolicy":"None","dnsConfig":{"nameservers":["1.1.1.1"],"searches":["a.b"],"options":[{"name":"timeout","value":"3"},{"name":"rotate"}]}}""", "search a.b\nnameserver 1.1.1.1\noptions timeout:3 rotate\n")]
    [InlineData("""{"dnsConfig":{"nameservers":["1.1.1.1","10.96.0.10","1.1.1.2","1.1.1.3"],"searches":["a.b","svc.cluster.test"],"options":[{"name":"ndots","value":"2"}]}}""", "search shop.svc.cluster.test svc.cluster.test cluster.test corp.example a.b\nnameserver 10.96.0.10\nnameserver 1.1.1.1\nnameserver 1.1.1.2\noptions ndots:2\n")]
    public void The_policy_gives_and_the_pod_adds(string spec, string text) =>
        Assert.Equal(text, ResolverFile.Text(PodResolver.Of(Pod(spec), Network, Machine)));

    [Fact]
    public void No_more_is_written_than_resolvers_take()
    {
        var domains = string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"d{i}.{new string('x', 60)}.{new string('y', 60)}\""));

        var resolver = PodResolver.Of(Pod($$$"""{"dnsPolicy":"None","dnsConfig":{"searches":[{{{domains}}}]}}"""), Network, Machine);

        Assert.InRange(string.Join(' ', resolver.Searches).Length, 1800, 2048);
        Assert.True(resolver.Searches.Count <= 32);
    }

    [Fact]
    public void The_machine_s_file_is_read()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "; comment\nnameserver 192.0.2.53\nnameserver\t2001:db8::53\nsearch old.example\nsearch . new.example\noptions edns0\noptions trust-ad\n");

            Assert.Equal(
                "search new.example\nnameserver 192.0.2.53\nnameserver 2001:db8::53\noptions edns0 trust-ad\n",
                ResolverFile.Text(MachineResolver.Read(path)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Isolated_containers_have_it_mounted()
    {
        await using var fixture = new AgentFixture("isolated");
        await fixture.UntilReadyAsync(fixture.Bind("web"));

        var specification = fixture.Runtime.Specs["web_main_0"];
        var mount = Assert.Single(specification.Mounts, mount => mount.ContainerPath == "/etc/resolv.conf");
        Assert.Contains("nameserver 127.128.0.10\n", await File.ReadAllTextAsync(mount.HostPath, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain(specification.Environment, variable => variable.Key.StartsWith("MODULAR_DNS", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"main","image":"modular"}]}""", "127.128.0.10:1053")]
    [InlineData("""{"containers":[{"name":"main","image":"modular","env":[{"name":"MODULAR_DNS","value":"mine"}]}]}""", "mine")]
    [InlineData("""{"dnsPolicy":"Default","containers":[{"name":"main","image":"modular"}]}""", null)]
    public async Task Plain_processes_are_told_in_their_environment(string spec, string? server)
    {
        await using var fixture = new AgentFixture("process");
        await fixture.UntilReadyAsync(fixture.Bind("web", spec));

        var specification = fixture.Runtime.Specs["web_main_0"];
        var variables = specification.Environment.ToDictionary(variable => variable.Key, variable => variable.Value, StringComparer.Ordinal);
        Assert.Equal(server, variables.GetValueOrDefault("MODULAR_DNS"));
        Assert.Equal(server is null ? null : "default.svc.cluster.test svc.cluster.test cluster.test", variables.GetValueOrDefault("MODULAR_DNS_SEARCH"));
        Assert.DoesNotContain(specification.Mounts, mount => mount.ContainerPath == "/etc/resolv.conf");
    }

    private static ClusterNetwork Network { get; } = new() { DnsAddress = "10.96.0.10", DnsPort = 53, Domain = "cluster.test" };

    private static Pod Pod(string spec)
    {
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = "web", ["namespace"] = "shop" },
            ["spec"] = JsonNode.Parse(spec),
        };
        return new ApiObject(new GroupVersionKind("", "v1", "Pod"), Encoding.UTF8.GetBytes(pod.ToJsonString()), 1).AsPod();
    }
}
