using Modular.Models;
using Modular.Plugins.Controllers.NodeLifecycle;
using Modular.Testing;

namespace Modular.Plugins.Controllers.Tests;

public sealed class NodeLifecycleTests : IAsyncDisposable
{
    private readonly ControllerBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task ASilentNodeBecomesUnknownAndRecovers()
    {
        await AddNode();
        await AddPod("p");
        await Renew("2026-01-01T00:00:00.000001Z");
        await _bench.RunAsync(new NodeLifecycleController(_bench.Api, _bench.Time, new ControllersOptions()));
        await _bench.AdvanceUntil(TimeSpan.FromSeconds(10), () => Ready()?.Status == "Unknown", "the node is unknown");
        Assert.Equal("NodeStatusUnknown", Ready()!.Reason);
        await Eventually.Holds(() => Taints().Count == 2, "the node is tainted");
        Assert.All(Taints(), t => Assert.Equal("node.kubernetes.io/unreachable", t.Key));
        await Eventually.Holds(() => !Pod("p")!.AsPod().Status.IsReady, "its pod is not ready");

        await Renew("2026-01-01T00:09:00.000001Z");
        await _bench.PatchAsync(KubernetesResources.Nodes, "", "n1", """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""", "status");
        await Eventually.Holds(() => Taints().Count == 0, "the taints are gone");
    }

    [Fact]
    public async Task ANodeThatRenewsItsLeaseStays()
    {
        await AddNode();
        await Renew("2026-01-01T00:00:00.000001Z");
        await _bench.RunAsync(new NodeLifecycleController(_bench.Api, _bench.Time, new ControllersOptions()));
        var health = new NodeHealth(_bench.Time);
        var node = _bench.Api.Peek(KubernetesResources.Nodes, "", "n1")!.AsNode();
        for (var i = 1; i <= 20; i++)
        {
            var lease = new Lease { Spec = new LeaseSpec { RenewTime = _bench.Time.GetUtcNow() } };
            Assert.Equal(TimeSpan.Zero, health.SilentFor("n1", node, lease));
            _bench.Time.Advance(TimeSpan.FromSeconds(39));
            Assert.Equal(TimeSpan.FromSeconds(39), health.SilentFor("n1", node, lease));
        }
    }

    [Fact]
    public async Task ANodeThatSaysItIsNotReadyIsTainted()
    {
        await AddNode("False");
        await _bench.RunAsync(new NodeLifecycleController(_bench.Api, _bench.Time, new ControllersOptions()));
        await Eventually.Holds(() => Taints().Count == 2, "the node is tainted");
        Assert.All(Taints(), t => Assert.Equal("node.kubernetes.io/not-ready", t.Key));
    }

    [Fact]
    public async Task PodsOfANodeThatIsGoneAreRemovedAfterAWhile()
    {
        await AddNode();
        await AddPod("p");
        await _bench.RunAsync(new NodeLifecycleController(_bench.Api, _bench.Time, new ControllersOptions()));
        await _bench.DeleteAsync(KubernetesResources.Nodes, "", "n1");
        await _bench.AdvanceUntil(TimeSpan.FromSeconds(5), () => Pod("p") is null, "the pod is removed");
    }

    private Task<ApiMachinery.ApiObject> AddNode(string ready = "True") => _bench.AddAsync(KubernetesResources.Nodes, "",
        $$"""{"metadata":{"name":"n1"},"spec":{},"status":{"conditions":[{"type":"Ready","status":"{{ready}}"}]} }""");

    private Task<ApiMachinery.ApiObject> AddPod(string name) => _bench.AddAsync(KubernetesResources.Pods, "shop",
        $$"""{"metadata":{"name":"{{name}}"},"spec":{"nodeName":"n1"},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]} }""");

    private async Task Renew(string at)
    {
        if (_bench.Api.Peek(KubernetesResources.Leases, "kube-node-lease", "n1") is null)
        {
            await _bench.AddAsync(KubernetesResources.Leases, "kube-node-lease", """{"metadata":{"name":"n1"},"spec":{}}""");
        }

        await _bench.PatchAsync(KubernetesResources.Leases, "kube-node-lease", "n1", $$"""{"spec":{"renewTime":"{{at}}"} }""");
    }

    private Condition? Ready() => Condition.Find(_bench.Api.Peek(KubernetesResources.Nodes, "", "n1")!.AsNode().Status.Conditions, "Ready");

    private IReadOnlyList<NodeTaint> Taints() => _bench.Api.Peek(KubernetesResources.Nodes, "", "n1")!.AsNode().Spec.Taints;

    private ApiMachinery.ApiObject? Pod(string name) => _bench.Api.Peek(KubernetesResources.Pods, "shop", name);
}
