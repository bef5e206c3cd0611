using System.Runtime.InteropServices;

namespace Modular.Kernel;

/// <summary>Finds objects by the value of one label or field, without scanning. Not thread-safe.</summary>
/// <param name="valueOf">The value that an object has; null if none.</param>
internal sealed class ObjectIndex(Func<CachedObject, string?> valueOf)
{
    private readonly Dictionary<string, Dictionary<string, CachedObject>> _objects = new(StringComparer.Ordinal);

    /// <summary>The objects that have a value.</summary>
    public IReadOnlyCollection<CachedObject> Find(string value) => _objects.TryGetValue(value, out var found) ? found.Values : [];

    /// <summary>Adds an object.</summary>
    public void Add(CachedObject item)
    {
        if (valueOf(item) is { } value)
        {
            ref var objects = ref CollectionsMarshal.GetValueRefOrAddDefault(_objects, value, out _);
            objects ??= new Dictionary<string, CachedObject>(1, StringComparer.Ordinal);
            objects[item.Key] = item;
        }
    }

    /// <summary>Takes an object away.</summary>
    public void Remove(CachedObject item)
    {
        if (valueOf(item) is { } value && _objects.TryGetValue(value, out var objects) && objects.Remove(item.Key) && objects.Count == 0)
        {
            _objects.Remove(value);
        }
    }
}
