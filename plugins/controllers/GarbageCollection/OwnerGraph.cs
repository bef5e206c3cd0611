using Modular.ApiMachinery;

namespace Modular.Plugins.Controllers.GarbageCollection;

/// <summary>Who belongs to whom, by uid. Thread-safe.</summary>
internal sealed class OwnerGraph
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, GraphNode> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _dependents = new(StringComparer.Ordinal);

    /// <summary>An object is there, in this state.</summary>
    public void Put(ObjectName key, ApiObject obj)
    {
        var meta = obj.Metadata;
        lock (_gate)
        {
            if (_byUid.TryGetValue(meta.Uid, out var old))
            {
                Unlink(old);
            }

            _byUid[meta.Uid] = new GraphNode(key, meta.Uid, meta.OwnerReferences);
            foreach (var owner in meta.OwnerReferences)
            {
                if (!_dependents.TryGetValue(owner.Uid, out var dependents))
                {
                    _dependents[owner.Uid] = dependents = new HashSet<string>(StringComparer.Ordinal);
                }

                dependents.Add(meta.Uid);
            }
        }
    }

    /// <summary>An object is gone; who belonged to it is still known.</summary>
    public void Remove(string uid)
    {
        lock (_gate)
        {
            if (_byUid.Remove(uid, out var node))
            {
                Unlink(node);
            }
        }
    }

    /// <summary>Where an object is, or null.</summary>
    public GraphNode? Find(string uid)
    {
        lock (_gate)
        {
            return _byUid.GetValueOrDefault(uid);
        }
    }

    /// <summary>The objects that belong to another.</summary>
    public List<GraphNode> Dependents(string uid)
    {
        lock (_gate)
        {
            var list = new List<GraphNode>();
            if (_dependents.TryGetValue(uid, out var dependents))
            {
                foreach (var dependent in dependents)
                {
                    if (_byUid.TryGetValue(dependent, out var node))
                    {
                        list.Add(node);
                    }
                }
            }

            return list;
        }
    }

    /// <summary>Whether an object belongs, over however many steps, to another.</summary>
    public bool IsBelow(string uid, string ancestor)
    {
        lock (_gate)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var open = new Stack<string>([uid]);
            while (open.TryPop(out var at))
            {
                if (!seen.Add(at) || !_byUid.TryGetValue(at, out var node))
                {
                    continue;
                }

                foreach (var owner in node.Owners)
                {
                    if (owner.Uid == ancestor)
                    {
                        return true;
                    }

                    open.Push(owner.Uid);
                }
            }

            return false;
        }
    }

    private void Unlink(GraphNode node)
    {
        foreach (var owner in node.Owners)
        {
            if (_dependents.TryGetValue(owner.Uid, out var dependents))
            {
                dependents.Remove(node.Uid);
                if (dependents.Count == 0)
                {
                    _dependents.Remove(owner.Uid);
                }
            }
        }
    }
}

/// <summary>An object in the graph of owners: where it is and whom it belongs to.</summary>
internal sealed record GraphNode(ObjectName Key, string Uid, IReadOnlyList<OwnerReference> Owners);
