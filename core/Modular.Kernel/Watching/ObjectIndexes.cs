namespace Modular.Kernel;

/// <summary>The label and field indexes of one cache, and which of them answers a selection best. Not thread-safe.</summary>
internal sealed class ObjectIndexes
{
    // A tuple, not a KeyValuePair: that one compares by reflection, and hashes its key alone.
    private readonly ObjectIndex<(string Key, string Value)> _labels = new();
    private readonly ObjectIndex<(int Field, string Value)> _fields = new();

    /// <summary>Follows one change.</summary>
    public void Apply(CachedObject? previous, CachedObject? current)
    {
        if (previous is not null)
        {
            Remove(previous);
        }

        if (current is not null)
        {
            Add(current);
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
            best = _fields.Find((field, value)) ?? [];
        }

        foreach (var label in selector.Labels.ExactMatches)
        {
            var found = _labels.Find((label.Key, label.Value)) ?? [];
            if (best is null || found.Count < best.Count)
            {
                best = found;
            }
        }

        return best;
    }

    /// <summary>Takes everything away.</summary>
    public void Clear()
    {
        _labels.Clear();
        _fields.Clear();
    }

    private void Add(CachedObject item)
    {
        foreach (var label in item.Object.Metadata.Labels)
        {
            _labels.Set((label.Key, label.Value), item);
        }

        for (var i = 0; i < item.Fields.Length; i++)
        {
            _fields.Set((i, item.Fields[i]), item);
        }
    }

    private void Remove(CachedObject item)
    {
        foreach (var label in item.Object.Metadata.Labels)
        {
            _labels.Remove((label.Key, label.Value), item);
        }

        for (var i = 0; i < item.Fields.Length; i++)
        {
            _fields.Remove((i, item.Fields[i]), item);
        }
    }
}
