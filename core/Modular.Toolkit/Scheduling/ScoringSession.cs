using Modular.Abstractions;

namespace Modular.Toolkit;

/// <summary>
/// A scheduling session that gives each pod the fitting node with the fewest disliked taints and then the highest score; of equals the
/// first by name, so that equal input gives equal output.
/// </summary>
public abstract class ScoringSession : ISchedulingSession
{
    private readonly Dictionary<string, NodeRoom> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SchedulingPod> _pods = new(StringComparer.Ordinal);
    private readonly List<NodeRoom> _nodes = [];
    private bool _sorted = true;
    private long _revision;

    /// <inheritdoc />
    public ValueTask<bool> UpdateAsync(ClusterDelta delta, CancellationToken cancellationToken)
    {
        if (delta.Base == 0)
        {
            _byName.Clear();
            _pods.Clear();
            _nodes.Clear();
        }
        else if (delta.Base != _revision)
        {
            return ValueTask.FromResult(false);
        }

        for (var i = 0; i < delta.RemovedPods.Count; i++)
        {
            RemovePod(delta.RemovedPods[i]);
        }

        for (var i = 0; i < delta.RemovedNodes.Count; i++)
        {
            RemoveNode(delta.RemovedNodes[i]);
        }

        for (var i = 0; i < delta.Nodes.Count; i++)
        {
            PutNode(delta.Nodes[i]);
        }

        for (var i = 0; i < delta.Pods.Count; i++)
        {
            PutPod(delta.Pods[i]);
        }

        _revision = delta.Revision;
        return ValueTask.FromResult(true);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken)
    {
        if (!_sorted)
        {
            _nodes.Sort(static (a, b) => string.CompareOrdinal(a.Node.Name, b.Node.Name));
            _sorted = true;
        }

        var placements = new Placement[pods.Count];
        for (var i = 0; i < pods.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            placements[i] = Place(pods[i]);
        }

        return ValueTask.FromResult<IReadOnlyList<Placement>>(placements);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>How good a node is that the pod fits on; higher is better.</summary>
    protected abstract long Score(NodeRoom room, SchedulingPod pod);

    private Placement Place(SchedulingPod pod)
    {
        NodeRoom? best = null;
        var fewestDisliked = int.MaxValue;
        var highest = long.MinValue;
        foreach (var room in _nodes)
        {
            if (!NodeFit.Fits(room, pod))
            {
                continue;
            }

            var disliked = room.Node.Taints.Count == 0 ? 0 : NodeFit.CountDisliked(room.Node, pod);
            if (disliked > fewestDisliked)
            {
                continue;
            }

            var score = Score(room, pod);
            if (disliked < fewestDisliked || score > highest)
            {
                (best, fewestDisliked, highest) = (room, disliked, score);
            }
        }

        if (best is null)
        {
            return Refuse(pod);
        }

        PutPod(pod with { NodeName = best.Node.Name });
        return new Placement { PodUid = pod.Uid, NodeName = best.Node.Name };
    }

    private Placement Refuse(SchedulingPod pod)
    {
        var tally = new RefusalTally();
        foreach (var room in _nodes)
        {
            NodeFit.Explain(room, pod, tally);
        }

        return new Placement { PodUid = pod.Uid, Refused = tally.ToList() };
    }

    private void PutNode(SchedulingNode node)
    {
        if (_byName.TryGetValue(node.Name, out var room))
        {
            room.Node = node;
            return;
        }

        room = new NodeRoom(node);
        foreach (var pod in _pods.Values)
        {
            // Pods may be known before their node is.
            if (pod.NodeName == node.Name)
            {
                room.Add(pod);
            }
        }

        _byName.Add(node.Name, room);
        _nodes.Add(room);
        _sorted = false;
    }

    private void RemoveNode(string name)
    {
        if (_byName.Remove(name, out var room))
        {
            _nodes.Remove(room);
        }
    }

    private void PutPod(SchedulingPod pod)
    {
        RemovePod(pod.Uid);
        _pods.Add(pod.Uid, pod);
        if (_byName.TryGetValue(pod.NodeName, out var room))
        {
            room.Add(pod);
        }
    }

    private void RemovePod(string uid)
    {
        if (_pods.Remove(uid, out var pod) && _byName.TryGetValue(pod.NodeName, out var room))
        {
            room.Remove(pod);
        }
    }
}
