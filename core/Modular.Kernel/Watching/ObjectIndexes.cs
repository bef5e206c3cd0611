namespace Modular.Kernel;

/// <summary>
/// The label and field indexes of one cache, and which of them answers a selection best. Each is made when somebody first selects by its label or field: most
/// never are, and an index takes memory and time with every object. Not thread-safe.
/// </summary>
internal sealed class ObjectIndexes(SortedObjects objects)
{
    // Clients choose the labels that they select by.
    private const int MostLabels = 64;

    private readonly Dictionary<string, ObjectIndex> _labels = new(StringComparer.Ordinal);
    private readonly Dictionary<int, ObjectIndex> _fields = [];

    /// <summary>Follows one change.</summary>
    public void Apply(CachedObject? previous, CachedObject? current)
    {
        foreach (var index in _labels.Values)
        {
            Apply(index, previous, current);
        }

        foreach (var index in _fields.Values)
        {
            Apply(index, previous, current);
        }
    }

    /// <summary>
    /// The smallest set of objects that holds the whole selection; null if no index narrows it, and empty if nothing can match.
    /// </summary>
    public IReadOnlyCollection<CachedObject>? Narrow(ObjectSelector selector)
    {
        IReadOnlyCollection<CachedObject>? best = null;
        if (selector.TryGetExactField(out var field, out var value))
        {
            best = ByField(field).Find(value);
        }

        foreach (var label in selector.Labels.ExactMatches)
        {
            if (ByLabel(label.Key)?.Find(label.Value) is { } found && (best is null || found.Count < best.Count))
            {
                best = found;
            }
        }

        return best;
    }

    /// <summary>Forgets everything: objects are about to have other fields.</summary>
    public void Clear()
    {
        _labels.Clear();
        _fields.Clear();
    }

    private static void Apply(ObjectIndex index, CachedObject? previous, CachedObject? current)
    {
        if (previous is not null)
        {
            index.Remove(previous);
        }

        if (current is not null)
        {
            index.Add(current);
        }
    }

    private ObjectIndex ByField(int field)
    {
        if (!_fields.TryGetValue(field, out var index))
        {
            _fields[field] = index = Fill(new ObjectIndex(item => item.Fields[field]));
        }

        return index;
    }

    private ObjectIndex? ByLabel(string key)
    {
        if (!_labels.TryGetValue(key, out var index) && _labels.Count < MostLabels)
        {
            _labels[key] = index = Fill(new ObjectIndex(item => item.Object.Metadata.Labels.TryGetValue(key, out var value) ? value : null));
        }

        return index;
    }

    private ObjectIndex Fill(ObjectIndex index)
    {
        var snapshot = objects.TakeSnapshot();
        var position = default(ObjectSnapshot.Position);
        while (snapshot.Next(ref position) is { } item)
        {
            index.Add(item);
        }

        return index;
    }
}
