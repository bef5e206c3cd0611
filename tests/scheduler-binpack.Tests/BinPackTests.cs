using Modular.Abstractions;

namespace Modular.Plugins.SchedulerBinpack.Tests;

public sealed class BinPackTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FillsOneNodeBeforeItTakesTheNext()
    {
        await using var session = await Open(Node("a"), Node("b"), Node("c"));
        var placements = await session.PlaceAsync([.. Enumerable.Range(0, 6).Select(i => Pod($"p{i}", 400))], Token);
        Assert.Equal(["a", "a", "b", "b", "c", "c"], placements.Select(p => p.NodeName));
    }

    [Fact]
    public async Task PrefersTheFullerOfTwoNodesInUse()
    {
        await using var session = await Open(Node("a"), Node("b"));
        await session.UpdateAsync(
            new ClusterDelta { Base = 1, Revision = 2, Pods = [Pod("x", 100) with { NodeName = "a" }, Pod("y", 500) with { NodeName = "b" }] }, Token);
        Assert.Equal("b", (await session.PlaceAsync([Pod("p", 100)], Token))[0].NodeName);
    }

    [Fact]
    public async Task KeepsSpecialNodesForThoseWhoAskForThem()
    {
        var special = Node("a") with { Allocatable = Amounts(1000) with { Extended = new Dictionary<string, long> { ["example.com/gpu"] = 2 } } };
        await using var session = await Open(special, Node("b"));
        var wantsGpu = Pod("gpu", 100) with
        {
            Requests = new ResourceAmounts { MilliCpu = 100, Pods = 1, Extended = new Dictionary<string, long> { ["example.com/gpu"] = 1 } },
        };
        var placements = await session.PlaceAsync([Pod("plain", 100), wantsGpu], Token);
        Assert.Equal(["b", "a"], placements.Select(p => p.NodeName));
    }

    [Fact]
    public async Task AvoidsTaintsThatAreOnlyDisliked()
    {
        var disliked = Node("a") with { Taints = [new Taint("k", "v", "PreferNoSchedule")] };
        await using var session = await Open(disliked, Node("b"));
        var placements = await session.PlaceAsync([Pod("p", 600), Pod("q", 600)], Token);
        Assert.Equal(["b", "a"], placements.Select(p => p.NodeName));
    }

    [Fact]
    public async Task SaysWhyAPodFitsNowhere()
    {
        await using var session = await Open(Node("a"), Node("b") with { Unschedulable = true });
        var placement = (await session.PlaceAsync([Pod("p", 2000)], Token))[0];
        Assert.Equal("", placement.NodeName);
        Assert.Equal([new RefusedNodes("Insufficient cpu", 1), new RefusedNodes("node(s) were unschedulable", 1)], placement.Refused);
    }

    [Fact]
    public async Task RefusesADeltaOfAnotherBaseAndTakesTheWholeState()
    {
        await using var session = await Open(Node("a"));
        Assert.False(await session.UpdateAsync(new ClusterDelta { Base = 7, Revision = 8 }, Token));
        Assert.True(await session.UpdateAsync(new ClusterDelta { Base = 0, Revision = 8, Nodes = [Node("z")] }, Token));
        Assert.Equal("z", (await session.PlaceAsync([Pod("p", 1)], Token))[0].NodeName);
    }

    [Fact]
    public async Task RoomOfAPodThatLeftOrAPlacementThatFailedIsFreeAgain()
    {
        await using var session = await Open(Node("a"));
        Assert.Equal("a", (await session.PlaceAsync([Pod("p", 1000)], Token))[0].NodeName);
        Assert.Equal("", (await session.PlaceAsync([Pod("q", 1000)], Token))[0].NodeName);
        await session.UpdateAsync(new ClusterDelta { Base = 1, Revision = 2, RemovedPods = ["p"] }, Token);
        Assert.Equal("a", (await session.PlaceAsync([Pod("q", 1000)], Token))[0].NodeName);
    }

    [Fact]
    public async Task PodsKnownBeforeTheirNodeCount()
    {
        await using var session = await Open();
        await session.UpdateAsync(new ClusterDelta { Base = 1, Revision = 2, Pods = [Pod("x", 1000) with { NodeName = "a" }] }, Token);
        await session.UpdateAsync(new ClusterDelta { Base = 2, Revision = 3, Nodes = [Node("a")] }, Token);
        Assert.Equal("", (await session.PlaceAsync([Pod("p", 1)], Token))[0].NodeName);
    }

    private static async Task<ISchedulingSession> Open(params SchedulingNode[] nodes)
    {
        var session = await new BinPackScheduler().OpenAsync(new SchedulingSessionOptions(), Token);
        Assert.True(await session.UpdateAsync(new ClusterDelta { Base = 0, Revision = 1, Nodes = nodes }, Token));
        return session;
    }

    private static SchedulingNode Node(string name) => new() { Name = name, Allocatable = Amounts(1000) };

    private static ResourceAmounts Amounts(long milliCpu) => new() { MilliCpu = milliCpu, Memory = 1000, Pods = 110 };

    private static SchedulingPod Pod(string uid, long milliCpu) => new()
    {
        Uid = uid,
        Namespace = "default",
        Name = uid,
        Requests = new ResourceAmounts { MilliCpu = milliCpu, Pods = 1 },
    };
}
