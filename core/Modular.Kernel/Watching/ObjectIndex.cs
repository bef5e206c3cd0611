using System.Runtime.InteropServices;

namespace Modular.Kernel;

/// <summary>Finds objects by what they have, without scanning. Not thread-safe.</summary>
/// <typeparam name="TTerm">What objects are found by: a label with its value, or a field with its value.</typeparam>
internal sealed class ObjectIndex<TTerm>
    where TTerm : notnull
{
    private readonly Dictionary<TTerm, Dictionary<string, CachedObject>> _objects = [];

    /// <summary>The objects that have a term; null if none has it.</summary>
    public IReadOnlyCollection<CachedObject>? Find(TTerm term) => _objects.TryGetValue(term, out var found) ? found.Values : null;

    /// <summary>Adds an object, or replaces its older version.</summary>
    public void Set(TTerm term, CachedObject item)
    {
        ref var objects = ref CollectionsMarshal.GetValueRefOrAddDefault(_objects, term, out _);
        objects ??= new Dictionary<string, CachedObject>(1, StringComparer.Ordinal);
        objects[item.Key] = item;
    }

    /// <summary>Takes an object away.</summary>
    public void Remove(TTerm term, CachedObject item)
    {
        if (_objects.TryGetValue(term, out var objects) && objects.Remove(item.Key) && objects.Count == 0)
        {
            _objects.Remove(term);
        }
    }

    /// <summary>Takes everything away.</summary>
    public void Clear() => _objects.Clear();
}
