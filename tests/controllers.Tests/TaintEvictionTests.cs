using Modular.Models;
using Modular.Plugins.Controllers.TaintEviction;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

public sealed class TaintEvictionTests : IAsyncDisposable
{
    private readonly ControllerBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task PodsThatDoNotBearATaintGoAtOnce()
    {
        await StartAsync();
        await AddPod("meek", "");
        await AddPod("tough", """{"key":"broken","operator":"Exists"}""");
        await Taint("""[{"key":"broken","effect":"NoExecute"}]""");
        await Eventually.Holds(() => IsLeaving("meek"), "the pod that does not bear it is gone");
        await Eventually.Holds(() => _bench.EventsOf("TaintManagerEviction").Count == 1, "it is said why");
        Assert.Equal("Marking for deletion Pod shop/meek", _bench.EventsOf("TaintManagerEviction")[0].Message);
        Assert.False(IsLeaving("tough"));
    }

    [Fact]
    public async Task PodsThatBearATaintForAWhileGoAfterIt()
    {
        await StartAsync();
        await AddPod("p", """{"key":"broken","operator":"Exists","effect":"NoExecute","tolerationSeconds":60}""");
        await Taint("""[{"key":"broken","effect":"NoExecute"}]""");
        await _bench.AdvanceUntil(TimeSpan.FromSeconds(10), () => IsLeaving("p"), "the pod is gone");
        // Not before; how much later is a matter of how fast this machine is.
        Assert.True(_bench.Time.GetUtcNow().TimeOfDay >= TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task ATaintThatGoesInTimeSparesThePod()
    {
        await StartAsync();
        await AddPod("p", """{"key":"broken","operator":"Exists","effect":"NoExecute","tolerationSeconds":1000000}""");
        await AddPod("sign", """{"key":"broken","operator":"Exists","effect":"NoExecute","tolerationSeconds":10}""");
        await Taint("""[{"key":"broken","effect":"NoExecute"}]""");
        // It is looked at twice, the second time after both were looked at once.
        await _bench.AdvanceUntil(TimeSpan.FromSeconds(10), () => IsLeaving("sign"), "the taint was seen");
        await Taint("null");
        await Eventually.Holds(
            () => _bench.EventsOf("TaintManagerEviction").Any(e => e.Message == "Cancelling deletion of Pod shop/p"), "the deletion is called off");
        _bench.Time.Advance(TimeSpan.FromDays(30));
        Assert.False(IsLeaving("p"));
    }

    [Theory]
    [InlineData(null, "NoSchedule", null)]
    [InlineData(0, "NoExecute", null)]
    [InlineData(0, "NoExecute", "other")]
    [InlineData(30, "NoExecute", "a:30")]
    [InlineData(null, "NoExecute", "a")]
    [InlineData(0, "NoExecute", "a:-5")]
    public void TheTimeATaintIsBorne(int? seconds, string effect, string? toleration)
    {
        var parts = toleration?.Split(':') ?? [];
        PodToleration[] tolerations = parts.Length == 0
            ? []
            : [new PodToleration { Key = parts[0], Operator = "Exists", TolerationSeconds = parts.Length > 1 ? long.Parse(parts[1]) : null }];
        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, TaintPatience.Of(tolerations, [new NodeTaint { Key = "a", Effect = effect }]));
    }

    [Fact]
    public void TheShortestTimeCounts() => Assert.Equal(
        TimeSpan.FromSeconds(10),
        TaintPatience.Of(
            [new PodToleration { Key = "a", Operator = "Exists", TolerationSeconds = 60 }, new PodToleration { Key = "b", Operator = "Exists", TolerationSeconds = 10 }],
            [new NodeTaint { Key = "a", Effect = "NoExecute" }, new NodeTaint { Key = "b", Effect = "NoExecute" }]));

    private async Task StartAsync()
    {
        await _bench.AddAsync(KubernetesResources.Nodes, "", """{"metadata":{"name":"n1"},"spec":{}}""");
        await _bench.RunAsync(new TaintEvictionController(_bench.Api, _bench.Events, _bench.Time));
    }

    private Task<ApiMachinery.ApiObject> AddPod(string name, string toleration) => _bench.AddAsync(KubernetesResources.Pods, "shop",
        $$"""{"metadata":{"name":"{{name}}"},"spec":{"nodeName":"n1","tolerations":[{{toleration}}]},"status":{"phase":"Running"} }""");

    private Task Taint(string taints) => _bench.PatchAsync(KubernetesResources.Nodes, "", "n1", $$"""{"spec":{"taints":{{taints}}} }""");

    private bool IsLeaving(string pod) => _bench.Api.Peek(KubernetesResources.Pods, "shop", pod) is null or { Metadata.DeletionTimestamp: not null };
}
