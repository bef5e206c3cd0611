using Modular.Abstractions;

namespace Modular.Plugins.SchedulerSpread.Tests;

public sealed class SpreadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SpreadsTheLoad()
    {
        await using var session = await Open(Node("a"), Node("b"), Node("c"));
        var placements = await session.PlaceAsync([.. Enumerable.Range(0, 6).Select(i => Pod($"p{i}", 100))], Token);
        Assert.Equal(["a", "b", "c", "a", "b", "c"], placements.Select(p => p.NodeName));
    }

    [Fact]
    public async Task KeepsSiblingsApartEvenOnFullerNodes()
    {
        await using var session = await Open(Node("a"), Node("b"));
        await session.UpdateAsync(
            new ClusterDelta
            {
                Base = 1,
                Revision = 2,
                Pods = [Pod("big", 800) with { NodeName = "a" }, Pod("sibling", 10) with { NodeName = "b", OwnerUid = "rc" }],
            },
            Token);
        var placements = await session.PlaceAsync([Pod("p", 10) with { OwnerUid = "rc" }, Pod("q", 10) with { OwnerUid = "other" }], Token);
        Assert.Equal(["a", "b"], placements.Select(p => p.NodeName));
    }

    [Fact]
    public async Task AvoidsTaintsThatAreOnlyDisliked()
    {
        await using var session = await Open(Node("a") with { Taints = [new Taint("k", "v", "PreferNoSchedule")] }, Node("b"));
        var placements = await session.PlaceAsync([Pod("p", 600), Pod("q", 100), Pod("r", 600)], Token);
        Assert.Equal(["b", "b", "a"], placements.Select(p => p.NodeName));
    }

    [Fact]
    public async Task EqualInputGivesEqualOutputInWhateverOrderNodesCome()
    {
        var nodes = Enumerable.Range(0, 40).Select(i => Node($"n{i:00}")).ToArray();
        var pods = Enumerable.Range(0, 100).Select(i => Pod($"p{i}", 10 + (i % 7))).ToList();
        await using var first = await Open(nodes);
        Random.Shared.Shuffle(nodes);
        await using var second = await Open(nodes);
        Assert.Equal(
            (await first.PlaceAsync(pods, Token)).Select(p => p.NodeName), (await second.PlaceAsync(pods, Token)).Select(p => p.NodeName));
    }

    private static async Task<ISchedulingSession> Open(params SchedulingNode[] nodes)
    {
        var session = await new SpreadScheduler().OpenAsync(new SchedulingSessionOptions(), Token);
        Assert.True(await session.UpdateAsync(new ClusterDelta { Base = 0, Revision = 1, Nodes = nodes }, Token));
        return session;
    }

    private static SchedulingNode Node(string name) =>
        new() { Name = name, Allocatable = new ResourceAmounts { MilliCpu = 1000, Memory = 1000, Pods = 110 } };

    private static SchedulingPod Pod(string uid, long milliCpu) => new()
    {
        Uid = uid,
        Namespace = "default",
        Name = uid,
        Requests = new ResourceAmounts { MilliCpu = milliCpu, Pods = 1 },
    };
}
