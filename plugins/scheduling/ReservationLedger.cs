using Modular.Abstractions;
using Modular.Toolkit;

namespace Modular.Plugins.Scheduling;

/// <summary>
/// An account of what is taken on which node: pods bound, and pods assumed to be bound soon. Each of its feeds collects what a reader has
/// not been told yet. One caller at a time.
/// </summary>
internal sealed class ReservationLedger
{
    private readonly Dictionary<string, NodeRoom> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _pods = new(StringComparer.Ordinal);
    private readonly List<LedgerFeed> _feeds = [];

    public int NodeCount => _nodes.Count;

    public Dictionary<string, NodeRoom>.ValueCollection Rooms => _nodes.Values;

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

        TouchNode(node.Name);
        return true;
    }

    public void RemoveNode(string name)
    {
        if (_nodes.Remove(name))
        {
            TouchNode(name);
        }
    }

    /// <summary>
    /// Takes the room a scheduler chose, unless the pod does not fit there (any more). The scheduler knows of it already, the other readers
    /// are told; after a refusal the scheduler is told that the pod is not there.
    /// </summary>
    /// <param name="pod">The pod.</param>
    /// <param name="node">Its node.</param>
    /// <param name="chooser">The feed of the scheduler that chose the node.</param>
    public bool TryReserve(SchedulingPod pod, string node, LedgerFeed chooser)
    {
        if (_pods.ContainsKey(pod.Uid) || !_nodes.TryGetValue(node, out var room) || !NodeFit.Fits(room, pod))
        {
            chooser.TouchPod(pod.Uid);
            return false;
        }

        var placed = pod with { NodeName = node };
        _pods.Add(pod.Uid, new Entry(placed, IsAssumed: true));
        room.Add(placed);
        Assumed++;
        foreach (var feed in _feeds)
        {
            if (feed != chooser)
            {
                feed.TouchPod(pod.Uid);
            }
        }

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
        TouchPod(pod.Uid);
    }

    /// <summary>The pod takes no room any more. Answers the node that has more room now, or null.</summary>
    public NodeRoom? Release(string uid) => _pods.TryGetValue(uid, out var entry) ? Remove(uid, entry) : null;

    /// <summary>The binding came to nothing; a pod that was bound nevertheless stays.</summary>
    public NodeRoom? ReleaseAssumed(string uid) =>
        _pods.TryGetValue(uid, out var entry) && entry.IsAssumed ? Remove(uid, entry) : null;

    public bool Holds(string uid) => _pods.ContainsKey(uid);

    /// <summary>Where the pod is, or null.</summary>
    public SchedulingPod? Pod(string uid) => _pods.TryGetValue(uid, out var entry) ? entry.Pod : null;

    public List<SchedulingPod> PodsOnNodes()
    {
        var pods = new List<SchedulingPod>(_pods.Count);
        foreach (var entry in _pods.Values)
        {
            pods.Add(entry.Pod);
        }

        return pods;
    }

    /// <summary>A feed for one reader; its first delta has to be the whole state.</summary>
    public LedgerFeed OpenFeed()
    {
        var feed = new LedgerFeed(this);
        _feeds.Add(feed);
        return feed;
    }

    public void CloseFeed(LedgerFeed feed) => _feeds.Remove(feed);

    private NodeRoom? Remove(string uid, Entry entry)
    {
        _pods.Remove(uid);
        TouchPod(uid);
        if (entry.IsAssumed)
        {
            Assumed--;
        }

        var room = _nodes.GetValueOrDefault(entry.Pod.NodeName);
        room?.Remove(entry.Pod);
        return room;
    }

    private void TouchNode(string name)
    {
        foreach (var feed in _feeds)
        {
            feed.TouchNode(name);
        }
    }

    private void TouchPod(string uid)
    {
        foreach (var feed in _feeds)
        {
            feed.TouchPod(uid);
        }
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
