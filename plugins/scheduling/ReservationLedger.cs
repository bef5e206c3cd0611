using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.Scheduling;

/// <summary>
/// The one account of what is taken on which node: pods bound, and pods assumed to be bound soon. Collects what changed since the
/// scheduler was told last. One caller at a time.
/// </summary>
internal sealed class ReservationLedger
{
    private readonly Dictionary<string, NodeRoom> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _pods = new(StringComparer.Ordinal);
    private readonly HashSet<string> _touchedNodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _touchedPods = new(StringComparer.Ordinal);
    private long _revision;

    public int NodeCount => _nodes.Count;

    public int Assumed { get; private set; }

    public NodeRoom? Room(string node) => _nodes.GetValueOrDefault(node);

    /// <summary>True if the node is new or changed in a way that matters.</summary>
    public bool PutNode(SchedulingNode node)
    {
        if (_nodes.TryGetValue(node.Name, out var room))
        {
            if (NodeReading.Same(room.Node, node))
            {
                return false;
            }

            room.Node = node;
        }
        else
        {
            room = new NodeRoom(node);
            foreach (var entry in _pods.Values)
            {
                if (entry.Pod.NodeName == node.Name)
                {
                    room.Add(entry.Pod);
                }
            }

            _nodes.Add(node.Name, room);
        }

        _touchedNodes.Add(node.Name);
        return true;
    }

    public void RemoveNode(string name)
    {
        if (_nodes.Remove(name))
        {
            _touchedNodes.Add(name);
        }
    }

    /// <summary>
    /// Takes the room a scheduler chose, unless the pod does not fit there (any more). The scheduler's session knows of it already;
    /// after a refusal it is told that the pod is not there.
    /// </summary>
    public bool TryReserve(SchedulingPod pod, string node)
    {
        if (_pods.ContainsKey(pod.Uid) || !_nodes.TryGetValue(node, out var room) || !NodeFit.Fits(room, pod))
        {
            _touchedPods.Add(pod.Uid);
            return false;
        }

        var placed = pod with { NodeName = node };
        _pods.Add(pod.Uid, new Entry(placed, IsAssumed: true));
        room.Add(placed);
        Assumed++;
        return true;
    }

    /// <summary>The API says that a pod is bound.</summary>
    public void Confirm(SchedulingPod pod)
    {
        if (_pods.TryGetValue(pod.Uid, out var entry))
        {
            if (entry.Pod.NodeName == pod.NodeName && SameShape(entry.Pod, pod))
            {
                if (entry.IsAssumed)
                {
                    _pods[pod.Uid] = entry with { IsAssumed = false };
                    Assumed--;
                }

                return;
            }

            Remove(pod.Uid, entry);
        }

        _pods.Add(pod.Uid, new Entry(pod, IsAssumed: false));
        _nodes.GetValueOrDefault(pod.NodeName)?.Add(pod);
        _touchedPods.Add(pod.Uid);
    }

    /// <summary>The pod takes no room any more. Answers the node that has more room now, or null.</summary>
    public NodeRoom? Release(string uid) => _pods.TryGetValue(uid, out var entry) ? Remove(uid, entry) : null;

    /// <summary>The binding came to nothing; a pod that was bound nevertheless stays.</summary>
    public NodeRoom? ReleaseAssumed(string uid) =>
        _pods.TryGetValue(uid, out var entry) && entry.IsAssumed ? Remove(uid, entry) : null;

    public bool Holds(string uid) => _pods.ContainsKey(uid);

    /// <summary>What changed since the last delta, or everything; null if nothing did.</summary>
    public ClusterDelta? TakeDelta(bool whole)
    {
        if (!whole && _touchedNodes.Count == 0 && _touchedPods.Count == 0)
        {
            return null;
        }

        var delta = whole ? Whole() : Touched();
        _revision = delta.Revision;
        _touchedNodes.Clear();
        _touchedPods.Clear();
        return delta;
    }

    private ClusterDelta Whole()
    {
        var nodes = new List<SchedulingNode>(_nodes.Count);
        foreach (var room in _nodes.Values)
        {
            nodes.Add(room.Node);
        }

        var pods = new List<SchedulingPod>(_pods.Count);
        foreach (var entry in _pods.Values)
        {
            pods.Add(entry.Pod);
        }

        return new ClusterDelta { Base = 0, Revision = _revision + 1, Nodes = nodes, Pods = pods };
    }

    private ClusterDelta Touched()
    {
        List<SchedulingNode> nodes = [];
        List<string> removedNodes = [];
        foreach (var name in _touchedNodes)
        {
            if (_nodes.TryGetValue(name, out var room))
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
        foreach (var uid in _touchedPods)
        {
            if (_pods.TryGetValue(uid, out var entry))
            {
                pods.Add(entry.Pod);
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

    private NodeRoom? Remove(string uid, Entry entry)
    {
        _pods.Remove(uid);
        _touchedPods.Add(uid);
        if (entry.IsAssumed)
        {
            Assumed--;
        }

        var room = _nodes.GetValueOrDefault(entry.Pod.NodeName);
        room?.Remove(entry.Pod);
        return room;
    }

    private static bool SameShape(SchedulingPod a, SchedulingPod b)
    {
        if (a.OwnerUid != b.OwnerUid || a.Requests.MilliCpu != b.Requests.MilliCpu || a.Requests.Memory != b.Requests.Memory
            || a.Requests.Extended.Count != b.Requests.Extended.Count || a.Labels.Count != b.Labels.Count)
        {
            return false;
        }

        foreach (var (name, amount) in a.Requests.Extended)
        {
            if (b.Requests.Extended.GetValueOrDefault(name) != amount)
            {
                return false;
            }
        }

        foreach (var (key, value) in a.Labels)
        {
            if (!b.Labels.TryGetValue(key, out var other) || other != value)
            {
                return false;
            }
        }

        return true;
    }

    private readonly record struct Entry(SchedulingPod Pod, bool IsAssumed);
}
