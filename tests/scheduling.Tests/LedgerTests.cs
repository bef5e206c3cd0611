using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.Scheduling.Tests;

public sealed class LedgerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void NoInterleavingOvercommits(int seed)
    {
        var random = new Random(seed);
        var ledger = new ReservationLedger();
        var feed = ledger.OpenFeed();
        var truth = new Dictionary<string, SchedulingPod>();
        var assumed = new List<SchedulingPod>();
        for (var i = 0; i < 5; i++)
        {
            ledger.PutNode(Node(i));
        }

        for (var step = 0; step < 20_000; step++)
        {
            switch (random.Next(6))
            {
                case 0 or 1 or 2:
                    var pod = Pod($"p{step}", random.Next(1, 500));
                    var node = $"n{random.Next(5)}";
                    if (ledger.TryReserve(pod, node, feed))
                    {
                        assumed.Add(pod with { NodeName = node });
                    }

                    break;
                case 3 when assumed.Count > 0:
                    var bound = Pick(assumed, random);
                    truth[bound.Uid] = bound;
                    ledger.Confirm(bound);
                    break;
                case 4 when assumed.Count > 0:
                    ledger.ReleaseAssumed(Pick(assumed, random).Uid);
                    break;
                case 5 when truth.Count > 0:
                    var gone = truth.Keys.ElementAt(random.Next(truth.Count));
                    truth.Remove(gone);
                    ledger.Release(gone);
                    ledger.ReleaseAssumed(gone);
                    break;
            }

            for (var i = 0; i < 5; i++)
            {
                var room = ledger.Room($"n{i}")!;
                var expected = truth.Values.Concat(assumed).Where(p => p.NodeName == $"n{i}").Sum(p => p.Requests.MilliCpu);
                Assert.Equal(expected, room.MilliCpu);
                Assert.True(room.MilliCpu <= 1000);
            }

            Assert.Equal(assumed.Count, ledger.Assumed);
        }
    }

    [Fact]
    public async Task SessionsThatTakeTurnsAllSeeWhatTheLedgerHolds()
    {
        var random = new Random(9);
        var ledger = new ReservationLedger();
        var sessions = new[] { new RecordingSession(), new RecordingSession() };
        var feeds = sessions.Select(_ => ledger.OpenFeed()).ToArray();
        var held = new List<string>();
        for (var i = 0; i < sessions.Length; i++)
        {
            await sessions[i].UpdateAsync(feeds[i].Take(whole: true)!, TestContext.Current.CancellationToken);
        }

        for (var i = 0; i < 4; i++)
        {
            ledger.PutNode(Node(i));
        }

        for (var step = 0; step < 2000; step++)
        {
            var pod = Pod($"p{step}", random.Next(1, 400));
            var node = $"n{random.Next(4)}";
            var chooser = random.Next(sessions.Length);
            sessions[chooser].Place(pod, node);
            if (ledger.TryReserve(pod, node, feeds[chooser]))
            {
                held.Add(pod.Uid);
            }

            if (held.Count > 0 && random.Next(2) == 0)
            {
                var at = random.Next(held.Count);
                ledger.Release(held[at]);
                held.RemoveAt(at);
            }

            for (var reader = 0; reader < sessions.Length; reader++)
            {
                if (feeds[reader].Take(whole: false) is { } delta)
                {
                    Assert.True(await sessions[reader].UpdateAsync(delta, TestContext.Current.CancellationToken));
                }

                for (var i = 0; i < 4; i++)
                {
                    Assert.Equal(ledger.Room($"n{i}")!.MilliCpu, sessions[reader].Room($"n{i}"));
                }
            }
        }
    }

    [Fact]
    public void HeartbeatsChangeNothing()
    {
        var ledger = new ReservationLedger();
        var feed = ledger.OpenFeed();
        Assert.True(ledger.PutNode(Node(1)));
        feed.Take(whole: false);
        Assert.False(ledger.PutNode(Node(1)));
        Assert.Null(feed.Take(whole: false));
        Assert.True(ledger.PutNode(Node(1) with { Unschedulable = true }));
        Assert.Single(feed.Take(whole: false)!.Nodes);
    }

    [Fact]
    public void AClosedFeedHearsNothing()
    {
        var ledger = new ReservationLedger();
        var feed = ledger.OpenFeed();
        ledger.CloseFeed(feed);
        ledger.PutNode(Node(1));
        Assert.Null(feed.Take(whole: false));
    }

    private static SchedulingNode Node(int i) =>
        new() { Name = $"n{i}", Allocatable = new ResourceAmounts { MilliCpu = 1000, Memory = 1000, Pods = 20 } };

    private static SchedulingPod Pod(string uid, int milliCpu) => new()
    {
        Uid = uid,
        Namespace = "default",
        Name = uid,
        Requests = new ResourceAmounts { MilliCpu = milliCpu, Pods = 1 },
    };

    private static SchedulingPod Pick(List<SchedulingPod> pods, Random random)
    {
        var at = random.Next(pods.Count);
        var pod = pods[at];
        pods.RemoveAt(at);
        return pod;
    }

    private sealed class RecordingSession
    {
        private readonly Dictionary<string, SchedulingPod> _pods = [];
        private long _revision;

        public void Place(SchedulingPod pod, string node) => _pods[pod.Uid] = pod with { NodeName = node };

        public long Room(string node) => _pods.Values.Where(p => p.NodeName == node).Sum(p => p.Requests.MilliCpu);

        public ValueTask<bool> UpdateAsync(ClusterDelta delta, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (delta.Base != 0 && delta.Base != _revision)
            {
                return ValueTask.FromResult(false);
            }

            foreach (var uid in delta.RemovedPods)
            {
                _pods.Remove(uid);
            }

            foreach (var pod in delta.Pods)
            {
                _pods[pod.Uid] = pod;
            }

            _revision = delta.Revision;
            return ValueTask.FromResult(true);
        }
    }
}
