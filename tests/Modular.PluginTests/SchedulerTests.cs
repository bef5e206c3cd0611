using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>
/// What every scheduler has to do, wherever it runs. An author derives a class, says how the scheduler is made, and has these tests. Which of
/// the nodes that fit is chosen is the scheduler's own matter and not tested.
/// </summary>
public abstract class SchedulerTests : IAsyncLifetime
{
    private IScheduler? _scheduler;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes the scheduler; called once for each test.</summary>
    protected abstract ValueTask<IScheduler> StartAsync();

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _scheduler = await StartAsync();

    /// <summary>Ends what was made.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Answers are the batch's pods in the batch's order.</summary>
    [Fact]
    public async Task EachPodIsAnsweredInOrder()
    {
        await using var session = await OpenAsync(Node("a"), Node("b"));
        var pods = Enumerable.Range(0, 30).Select(i => Pod($"p{i}", 100)).ToList();
        var placements = await session.PlaceAsync(pods, Token);
        Assert.Equal(pods.Select(pod => pod.Uid), placements.Select(placement => placement.PodUid));
        Assert.Equal(20, placements.Count(placement => placement.NodeName.Length > 0));
        Assert.Empty(await session.PlaceAsync([], Token));
    }

    /// <summary>A pod that fits nowhere has no node, and each node is counted under a reason.</summary>
    [Fact]
    public async Task APodThatFitsNowhereIsToldWhy()
    {
        await using var session = await OpenAsync(
            Node("small"),
            Node("closed", 8000) with { Unschedulable = true },
            Node("tainted", 8000) with { Taints = [new Taint("dedicated", "db", "NoSchedule")] },
            Node("leaving", 8000) with { Taints = [new Taint("node.kubernetes.io/not-ready", "", "NoExecute")] });
        var placement = Assert.Single(await session.PlaceAsync([Pod("p", 2000)], Token));
        Assert.Equal("", placement.NodeName);
        Assert.Equal(4, placement.Refused.Sum(refused => refused.Count));
        Assert.Contains(new RefusedNodes("Insufficient cpu", 1), placement.Refused);
        Assert.Contains(new RefusedNodes("node(s) were unschedulable", 1), placement.Refused);
        Assert.Contains(new RefusedNodes("node(s) had untolerated taint {dedicated: db}", 1), placement.Refused);
    }

    /// <summary>What keeps a pod away from a node: labels it asks for, taints it does not bear, ports that are taken, any resource.</summary>
    [Fact]
    public async Task OnlyANodeThatFitsIsChosen()
    {
        await using var session = await OpenAsync(
            Node("plain"),
            Node("labelled") with { Labels = new Dictionary<string, string> { ["disk"] = "fast" } },
            Node("tainted") with { Taints = [new Taint("dedicated", "db", "NoSchedule")], Labels = new Dictionary<string, string> { ["for"] = "db" } },
            Node("gpu") with { Allocatable = Amounts(1000) with { Extended = new Dictionary<string, long> { ["example.com/gpu"] = 1 } } });
        var wantsGpu = Pod("gpu", 1);
        wantsGpu = wantsGpu with { Requests = wantsGpu.Requests with { Extended = new Dictionary<string, long> { ["example.com/gpu"] = 1 } } };
        var forDatabase = Pod("db", 1) with { NodeSelector = new Dictionary<string, string> { ["for"] = "db" } };
        var placements = await session.PlaceAsync(
            [
                Pod("fast", 1) with { NodeSelector = new Dictionary<string, string> { ["disk"] = "fast" } },
                forDatabase,
                forDatabase with { Uid = "equal", Tolerations = [new Toleration("dedicated", "Equal", "db", "NoSchedule")] },
                forDatabase with { Uid = "exists", Tolerations = [new Toleration("dedicated", "Exists", "", "")] },
                forDatabase with { Uid = "all", Tolerations = [new Toleration("", "Exists", "", "")] },
                forDatabase with { Uid = "other", Tolerations = [new Toleration("dedicated", "Equal", "web", "NoSchedule")] },
                wantsGpu,
                wantsGpu with { Uid = "gpu2" },
            ],
            Token);
        Assert.Equal(["labelled", "", "tainted", "tainted", "tainted", "", "gpu", ""], placements.Select(placement => placement.NodeName));
    }

    /// <summary>A port of the node is had once for each address and protocol.</summary>
    [Fact]
    public async Task PortsOfANodeAreTakenOnce()
    {
        await using var session = await OpenAsync(Node("a"));
        var placements = await session.PlaceAsync(
            [
                WithPort("first", "TCP", "", 80), WithPort("same", "TCP", "10.0.0.1", 80), WithPort("udp", "UDP", "", 80),
                WithPort("one", "TCP", "10.0.0.1", 81), WithPort("two", "TCP", "10.0.0.2", 81), WithPort("all", "TCP", "0.0.0.0", 81),
            ],
            Token);
        Assert.Equal(["a", "", "a", "a", "a", ""], placements.Select(placement => placement.NodeName));
    }

    /// <summary>However large the numbers are, a pod that asks for more than is free fits nowhere, and sums do not wrap around.</summary>
    [Fact]
    public async Task AmountsBeyondAllBoundsFitNowhere()
    {
        await using var session = await OpenAsync(Node("a"), Node("b"));
        var all = Pod("cpu", long.MaxValue);
        var bound = all with { Uid = "by-hand", NodeName = "b", Requests = all.Requests with { Memory = long.MaxValue } };
        await session.UpdateAsync(new ClusterDelta { Base = 1, Revision = 2, Pods = [bound, bound with { Uid = "by-hand-too" }] }, Token);
        var placements = await session.PlaceAsync(
            [
                Pod("small", 1), all, Pod("memory", 0) with { Requests = new ResourceAmounts { Memory = long.MaxValue, Pods = 1 } },
                Pod("gpu", 0) with { Requests = new ResourceAmounts { Pods = 1, Extended = new Dictionary<string, long> { ["example.com/gpu"] = long.MaxValue } } },
                Pod("full", 999), Pod("over", 1),
            ],
            Token);
        Assert.Equal(["a", "", "", "", "a", ""], placements.Select(placement => placement.NodeName));
        await session.UpdateAsync(new ClusterDelta { Base = 2, Revision = 3, RemovedPods = ["by-hand", "by-hand-too"] }, Token);
        Assert.Equal("b", (await session.PlaceAsync([Pod("over", 1000)], Token))[0].NodeName);
    }

    /// <summary>A delta on another base is refused and changes nothing; the whole state is always accepted.</summary>
    [Fact]
    public async Task ADeltaOfAnotherBaseIsRefused()
    {
        await using var session = await OpenAsync(Node("a"));
        Assert.False(await session.UpdateAsync(new ClusterDelta { Base = 7, Revision = 8, RemovedNodes = ["a"] }, Token));
        Assert.Equal("a", (await session.PlaceAsync([Pod("p", 1)], Token))[0].NodeName);
        Assert.True(await session.UpdateAsync(new ClusterDelta { Base = 0, Revision = 8, Nodes = [Node("z")] }, Token));
        Assert.Equal("z", (await session.PlaceAsync([Pod("q", 1)], Token))[0].NodeName);
        Assert.True(await session.UpdateAsync(new ClusterDelta { Base = 8, Revision = 9 }, Token));
    }

    /// <summary>Said again, what is known already changes nothing; what is not known can be removed.</summary>
    [Fact]
    public async Task RepetitionChangesNothing()
    {
        await using var session = await OpenAsync(Node("a"));
        var bound = Pod("p", 600) with { NodeName = "a" };
        for (var revision = 1; revision < 4; revision++)
        {
            Assert.True(await session.UpdateAsync(
                new ClusterDelta { Base = revision, Revision = revision + 1, Nodes = [Node("a")], Pods = [bound], RemovedNodes = ["never"], RemovedPods = ["never"] },
                Token));
        }

        var placements = await session.PlaceAsync([Pod("q", 400), Pod("r", 1)], Token);
        Assert.Equal(["a", ""], placements.Select(placement => placement.NodeName));
    }

    /// <summary>Room comes back with the pod that leaves, and is never there before the node.</summary>
    [Fact]
    public async Task RoomFollowsPodsAndNodes()
    {
        await using var session = await OpenAsync();
        await session.UpdateAsync(new ClusterDelta { Base = 1, Revision = 2, Pods = [Pod("x", 1000) with { NodeName = "a" }] }, Token);
        Assert.Equal("", (await session.PlaceAsync([Pod("p", 1)], Token))[0].NodeName);
        await session.UpdateAsync(new ClusterDelta { Base = 2, Revision = 3, Nodes = [Node("a")] }, Token);
        Assert.Equal("", (await session.PlaceAsync([Pod("p", 1)], Token))[0].NodeName);
        await session.UpdateAsync(new ClusterDelta { Base = 3, Revision = 4, RemovedPods = ["x"] }, Token);
        Assert.Equal("a", (await session.PlaceAsync([Pod("p", 1000)], Token))[0].NodeName);
        await session.UpdateAsync(new ClusterDelta { Base = 4, Revision = 5, RemovedNodes = ["a"], RemovedPods = ["p"] }, Token);
        Assert.Equal("", (await session.PlaceAsync([Pod("p", 1)], Token))[0].NodeName);
    }

    /// <summary>Sessions know nothing of each other.</summary>
    [Fact]
    public async Task SessionsAreApart()
    {
        await using var first = await OpenAsync(Node("a"));
        await using var second = await OpenAsync(Node("b"));
        Assert.Equal("a", (await first.PlaceAsync([Pod("p", 1000)], Token))[0].NodeName);
        Assert.Equal("b", (await second.PlaceAsync([Pod("p", 1000)], Token))[0].NodeName);
        await first.DisposeAsync();
        Assert.Equal("", (await second.PlaceAsync([Pod("q", 1000)], Token))[0].NodeName);
    }

    /// <summary>
    /// Through a thousand changes at random, no placement exceeds what a node has, none is on a node that is not there, and no pod is refused
    /// while a node has room for it.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task NothingIsOvercommittedOrLeftOut(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<string, long>(StringComparer.Ordinal);
        var pods = new Dictionary<string, (string Node, long Cpu)>(StringComparer.Ordinal);
        await using var session = await OpenAsync();
        var (revision, number) = (1L, 0);
        for (var step = 0; step < 200; step++)
        {
            var joins = random.Next(4) == 0 ? $"n{number++}" : null;
            var leaves = random.Next(8) == 0 ? model.Keys.Order(StringComparer.Ordinal).Skip(random.Next(Math.Max(1, model.Count))).FirstOrDefault() : null;
            var end = pods.Keys.Order(StringComparer.Ordinal).Where(_ => random.Next(5) == 0).ToList();
            if (joins is not null)
            {
                model[joins] = random.Next(1, 5) * 1000;
            }

            if (leaves is not null)
            {
                model.Remove(leaves);
                end.AddRange(pods.Where(pod => pod.Value.Node == leaves).Select(pod => pod.Key).Except(end));
            }

            end.ForEach(uid => pods.Remove(uid));
            Assert.True(await session.UpdateAsync(
                new ClusterDelta
                {
                    Base = revision,
                    Revision = ++revision,
                    Nodes = joins is not null && model.TryGetValue(joins, out var room) ? [Node(joins, room)] : [],
                    RemovedNodes = leaves is null ? [] : [leaves],
                    RemovedPods = end,
                },
                Token));
            var batch = Enumerable.Range(0, random.Next(6)).Select(_ => Pod($"p{number++}", random.Next(1, 20) * 100)).ToList();
            foreach (var (pod, placement) in batch.Zip(await session.PlaceAsync(batch, Token)))
            {
                long Free(string node) => model[node] - pods.Values.Where(other => other.Node == node).Sum(other => other.Cpu);
                if (placement.NodeName.Length == 0)
                {
                    Assert.DoesNotContain(model.Keys, node => Free(node) >= pod.Requests.MilliCpu);
                    continue;
                }

                Assert.Contains(placement.NodeName, model.Keys);
                Assert.True(Free(placement.NodeName) >= pod.Requests.MilliCpu, $"step {step}: {pod.Uid} exceeds {placement.NodeName}");
                pods[pod.Uid] = (placement.NodeName, pod.Requests.MilliCpu);
            }
        }
    }

    /// <summary>A batch as large as a driver's, on as many nodes as a large cluster has.</summary>
    [Fact]
    public async Task ALargeClusterIsTakenIn()
    {
        await using var session = await OpenAsync([.. Enumerable.Range(0, 5000).Select(i => Node($"node-{i:0000}") with
        {
            Labels = Enumerable.Range(0, 20).ToDictionary(n => $"label-{n}.example.com/name", n => $"value-{n}-of-{i}", StringComparer.Ordinal),
        })]);
        var placements = await session.PlaceAsync([.. Enumerable.Range(0, 100).Select(i => Pod($"p{i}", 10))], Token);
        Assert.All(placements, placement => Assert.NotEqual("", placement.NodeName));
        var last = Pod("last", 10) with { NodeSelector = new Dictionary<string, string> { ["label-7.example.com/name"] = "value-7-of-4999" } };
        Assert.Equal("node-4999", (await session.PlaceAsync([last], Token))[0].NodeName);
    }

    private static SchedulingNode Node(string name, long milliCpu = 1000) => new() { Name = name, Allocatable = Amounts(milliCpu) };

    private static ResourceAmounts Amounts(long milliCpu) => new() { MilliCpu = milliCpu, Memory = 1 << 20, Pods = 110 };

    private static SchedulingPod Pod(string uid, long milliCpu) => new()
    {
        Uid = uid,
        Namespace = "default",
        Name = uid,
        Requests = new ResourceAmounts { MilliCpu = milliCpu, Pods = 1 },
    };

    private static SchedulingPod WithPort(string uid, string protocol, string ip, int port) => Pod(uid, 1) with { HostPorts = [new HostPort(protocol, ip, port)] };

    private async Task<ISchedulingSession> OpenAsync(params SchedulingNode[] nodes)
    {
        var session = await _scheduler!.OpenAsync(new SchedulingSessionOptions { Seed = 1 }, Token);
        Assert.True(await session.UpdateAsync(new ClusterDelta { Base = 0, Revision = 1, Nodes = nodes }, Token));
        return session;
    }
}
