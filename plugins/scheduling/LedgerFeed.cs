using Modular.Abstractions;

namespace Modular.Plugins.Scheduling;

/// <summary>What one reader of a ledger has not been told yet. One caller at a time, the ledger's.</summary>
internal sealed class LedgerFeed(ReservationLedger ledger)
{
    private readonly HashSet<string> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _pods = new(StringComparer.Ordinal);
    private long _revision;

    public void TouchNode(string name) => _nodes.Add(name);

    /// <summary>The reader is told of the pod: where it is, or that it is nowhere.</summary>
    public void TouchPod(string uid) => _pods.Add(uid);

    /// <summary>What changed since the last delta, or everything; null if nothing did.</summary>
    public ClusterDelta? Take(bool whole)
    {
        if (!whole && _nodes.Count == 0 && _pods.Count == 0)
        {
            return null;
        }

        var delta = whole ? Whole() : Touched();
        _revision = delta.Revision;
        _nodes.Clear();
        _pods.Clear();
        return delta;
    }

    private ClusterDelta Whole()
    {
        var nodes = new List<SchedulingNode>(ledger.NodeCount);
        foreach (var room in ledger.Rooms)
        {
            nodes.Add(room.Node);
        }

        return new ClusterDelta { Base = 0, Revision = _revision + 1, Nodes = nodes, Pods = ledger.PodsOnNodes() };
    }

    private ClusterDelta Touched()
    {
        List<SchedulingNode> nodes = [];
        List<string> removedNodes = [];
        foreach (var name in _nodes)
        {
            if (ledger.Room(name) is { } room)
            {
                nodes.Add(room.Node);
            }
            else
            {
                removedNodes.Add(name);
            }
        }

        List<SchedulingPod> pods = [];
        List<string> removedPods = [];
        foreach (var uid in _pods)
        {
            if (ledger.Pod(uid) is { } pod)
            {
                pods.Add(pod);
            }
            else
            {
                removedPods.Add(uid);
            }
        }

        return new ClusterDelta
        {
            Base = _revision,
            Revision = _revision + 1,
            Nodes = nodes,
            RemovedNodes = removedNodes,
            Pods = pods,
            RemovedPods = removedPods,
        };
    }
}
