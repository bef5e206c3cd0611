using Modular.Abstractions;
using Modular.Plugins.SchedulerBinpack;
using Modular.Plugins.SchedulerSpread;
using Modular.Toolkit;

namespace Modular.Plugins.Scheduling.Tests;

public sealed class PackingTests
{
    [Fact]
    public async Task ALargeTraceIsPlacedWithoutOvercommitAndPackedOnFewerNodes()
    {
        var trace = Trace.Load();
        var packed = await PlaceAsync(new BinPackScheduler(), trace);
        var spread = await PlaceAsync(new SpreadScheduler(), trace);
        TestContext.Current.SendDiagnosticMessage(
            $"{trace.Pods.Count} pods on {trace.Nodes.Count} nodes: packed {packed.Placed} on {packed.NodesUsed}, spread {spread.Placed} on {spread.NodesUsed}");
        Assert.True(packed.NodesUsed <= spread.NodesUsed);
        Assert.True(packed.Placed >= spread.Placed);
    }

    private static async Task<(int Placed, int NodesUsed)> PlaceAsync(IScheduler scheduler, Trace trace)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var session = await scheduler.OpenAsync(new SchedulingSessionOptions(), cancellationToken);
        await session.UpdateAsync(new ClusterDelta { Base = 0, Revision = 1, Nodes = trace.Nodes }, cancellationToken);
        var rooms = trace.Nodes.ToDictionary(n => n.Name, n => new NodeRoom(n));
        var placed = 0;
        foreach (var batch in trace.Pods.Chunk(256))
        {
            var placements = await session.PlaceAsync(batch, cancellationToken);
            for (var i = 0; i < batch.Length; i++)
            {
                if (placements[i].NodeName.Length == 0)
                {
                    Assert.DoesNotContain(rooms.Values, room => NodeFit.Fits(room, batch[i]));
                    // A node short of several resources counts once for each.
                    Assert.True(placements[i].Refused.Sum(r => r.Count) >= trace.Nodes.Count);
                    continue;
                }

                var room = rooms[placements[i].NodeName];
                Assert.True(NodeFit.Fits(room, batch[i]));
                room.Add(batch[i]);
                placed++;
            }
        }

        return (placed, rooms.Values.Count(r => r.Pods > 0));
    }
}
