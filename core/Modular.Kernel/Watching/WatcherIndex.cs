namespace Modular.Kernel;

/// <summary>
/// The watchers of one cache, filed by what they must see: one that asks for an exact field value (a node's pods) is asked only about
/// objects that have or had it. Not thread-safe.
/// </summary>
internal sealed class WatcherIndex
{
    private readonly HashSet<Watcher> _everywhere = [];
    private readonly Dictionary<string, HashSet<Watcher>> _byNamespace = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<Watcher>> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Field, string Value), HashSet<Watcher>> _byField = [];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    public void Add(Watcher watcher)
    {
        var selector = watcher.Selector;
        if (selector.Name is { } name)
        {
            Add(_byName, name, watcher);
        }
        else if (selector.TryGetExactField(out var field, out var value))
        {
            Add(_byField, (field, value), watcher);
        }
        else if (selector.Namespace.Length > 0)
        {
            Add(_byNamespace, selector.Namespace, watcher);
        }
        else
        {
            _everywhere.Add(watcher);
        }

        Count++;
    }

    public void Remove(Watcher watcher)
    {
        var selector = watcher.Selector;
        var removed = selector.Name is { } name ? Remove(_byName, name, watcher)
            : selector.TryGetExactField(out var field, out var value) ? Remove(_byField, (field, value), watcher)
            : selector.Namespace.Length > 0 ? Remove(_byNamespace, selector.Namespace, watcher)
            : _everywhere.Remove(watcher);
        Count -= removed ? 1 : 0;
    }

    /// <summary>Offers a change to everybody it may concern; those that took it are added to <paramref name="touched"/>.</summary>
    public void Offer(CacheEvent change, List<Watcher> touched)
    {
        Offer(_everywhere, change, touched);
        var sample = (change.Current ?? change.Previous)!;
        if (_byNamespace.Count > 0 && _byNamespace.TryGetValue(sample.Object.Metadata.Namespace, out var inNamespace))
        {
            Offer(inNamespace, change, touched);
        }

        if (_byName.Count > 0 && _byName.TryGetValue(sample.Object.Metadata.Name, out var named))
        {
            Offer(named, change, touched);
        }

        if (_byField.Count > 0)
        {
            OfferByField(change, touched);
        }
    }

    /// <summary>Everybody.</summary>
    public IEnumerable<Watcher> All() =>
        _everywhere.Concat(_byNamespace.Values.SelectMany(w => w)).Concat(_byName.Values.SelectMany(w => w)).Concat(_byField.Values.SelectMany(w => w));

    private void OfferByField(CacheEvent change, List<Watcher> touched)
    {
        var before = change.Previous?.Fields ?? [];
        var after = change.Current?.Fields ?? [];
        for (var i = 0; i < Math.Max(before.Length, after.Length); i++)
        {
            var old = i < before.Length ? before[i] : null;
            var now = i < after.Length ? after[i] : null;
            if (now is not null && _byField.TryGetValue((i, now), out var watchers))
            {
                Offer(watchers, change, touched);
            }

            if (old is not null && old != now && _byField.TryGetValue((i, old), out watchers))
            {
                Offer(watchers, change, touched);
            }
        }
    }

    private static void Offer(HashSet<Watcher> watchers, CacheEvent change, List<Watcher> touched)
    {
        foreach (var watcher in watchers)
        {
            watcher.LastRevision = change.Revision;
            if (watcher.Offer(change) && !watcher.IsTouched)
            {
                watcher.IsTouched = true;
                touched.Add(watcher);
            }
        }
    }

    private static void Add<TKey>(Dictionary<TKey, HashSet<Watcher>> index, TKey key, Watcher watcher)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var watchers))
        {
            index.Add(key, watchers = []);
        }

        watchers.Add(watcher);
    }

    private static bool Remove<TKey>(Dictionary<TKey, HashSet<Watcher>> index, TKey key, Watcher watcher)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var watchers) || !watchers.Remove(watcher))
        {
            return false;
        }

        if (watchers.Count == 0)
        {
            index.Remove(key);
        }

        return true;
    }
}
