namespace Modular.Kernel;

/// <summary>
/// All objects of one resource as encoded bytes, with indexes, the latest changes and everybody who watches. The caches' loop is the only
/// writer; reads are thread-safe.
/// </summary>
internal sealed class WatchCache
{
    private readonly Lock _gate = new();
    private readonly SortedObjects _objects = new();
    private readonly ObjectIndexes _indexes;
    private readonly EventHistory _history = new();
    private readonly WatcherIndex _watchers = new();
    private readonly RevisionClock _clock;
    private SelectableFieldReader _fields;
    private long _loaded;
    private long _changed;

    public WatchCache(ResourceDefinition definition, RevisionClock clock)
    {
        Definition = definition;
        Prefix = StorageKeys.Prefix(definition.Resource);
        _fields = new SelectableFieldReader(definition.SelectableFields);
        _indexes = new ObjectIndexes(_objects);
        _clock = clock;
    }

    /// <summary>The kind, as it is served now.</summary>
    public ResourceDefinition Definition { get; private set; }

    /// <summary>What the keys of the objects begin with.</summary>
    public string Prefix { get; }

    /// <summary>The number of objects.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _objects.Count;
            }
        }
    }

    /// <summary>The number of open watches.</summary>
    public int WatcherCount
    {
        get
        {
            lock (_gate)
            {
                return _watchers.Count;
            }
        }
    }

    /// <summary>Fills the empty cache.</summary>
    public void Load(IEnumerable<StoreEntry> entries, long revision)
    {
        lock (_gate)
        {
            foreach (var entry in entries)
            {
                var item = ToCached(entry.Key, entry.Value, entry.ModRevision);
                _indexes.Apply(_objects.Set(item), item);
            }

            _loaded = _changed = revision;
            _history.Restart(revision);
        }
    }

    /// <summary>Follows one change and tells the watchers, without waking them.</summary>
    public void Apply(in StoreChange change, List<Watcher> touched)
    {
        if (change.Revision <= _loaded)
        {
            return;
        }

        var current = change.Value is { } value ? ToCached(change.Key, value, change.Revision) : null;
        lock (_gate)
        {
            Change(change.Key[Prefix.Length..], current, change.Revision, touched);
        }
    }

    /// <summary>Follows a gap: what the store holds now replaces what the cache holds, and the difference becomes events.</summary>
    public void Replace(IReadOnlyList<StoreEntry> entries, long revision, List<Watcher> touched)
    {
        lock (_gate)
        {
            _history.Restart(revision);
            var kept = new HashSet<string>(entries.Count, StringComparer.Ordinal);
            var changed = new List<CachedObject>();
            foreach (var entry in entries)
            {
                var key = entry.Key[Prefix.Length..];
                kept.Add(key);
                if (_objects.Find(key)?.Object.Revision != entry.ModRevision)
                {
                    changed.Add(ToCached(entry.Key, entry.Value, entry.ModRevision));
                }
            }

            changed.Sort(static (a, b) => a.Object.Revision.CompareTo(b.Object.Revision));
            foreach (var item in changed)
            {
                if (_objects.Find(item.Key) is { } old && old.Object.Metadata.Uid != item.Object.Metadata.Uid)
                {
                    Change(item.Key, null, item.Object.Revision, touched);
                }

                Change(item.Key, item, item.Object.Revision, touched);
            }

            foreach (var key in Missing(kept))
            {
                Change(key, null, revision, touched);
            }

            _history.Restart(revision);
            _loaded = _changed = revision;
        }
    }

    /// <summary>Serves a changed definition. If it selects by other fields, the indexes are forgotten and the watches end.</summary>
    public void Redefine(ResourceDefinition definition)
    {
        Watcher[] watchers;
        lock (_gate)
        {
            var sameFields = definition.SelectableFields.SequenceEqual(Definition.SelectableFields);
            Definition = definition;
            if (sameFields)
            {
                return;
            }

            _fields = new SelectableFieldReader(definition.SelectableFields);
            _indexes.Clear();
            var snapshot = _objects.TakeSnapshot();
            var position = default(ObjectSnapshot.Position);
            while (snapshot.Next(ref position) is { } old)
            {
                _objects.Set(old with { Fields = _fields.Read(old.Object.Body.Span) });
            }

            _history.Restart(_changed);
            watchers = [.. _watchers.All()];
        }

        EndAll(watchers);
    }

    /// <summary>The object with a key, or null.</summary>
    public ApiObject? Get(string key) => Find(key)?.Object;

    /// <summary>The object with a key and its selectable fields, or null.</summary>
    public CachedObject? Find(string key)
    {
        lock (_gate)
        {
            return _objects.Find(key);
        }
    }

    /// <summary>Whether the cache holds exactly the state of a revision.</summary>
    public bool IsStateOf(long revision)
    {
        lock (_gate)
        {
            return _changed <= revision && revision <= Revision;
        }
    }

    /// <summary>Lists a selection.</summary>
    /// <param name="selector">What to list.</param>
    /// <param name="after">The key to go on behind; empty for the beginning.</param>
    /// <param name="limit">The most objects; 0 for all.</param>
    public CachePage List(ObjectSelector selector, string after = "", int limit = 0)
    {
        long revision;
        ObjectSnapshot snapshot;
        List<CachedObject>? narrowed;
        lock (_gate)
        {
            revision = Revision;
            narrowed = Narrow(selector);
            snapshot = narrowed is null ? _objects.TakeSnapshot() : default;
        }

        return narrowed is null
            ? CachePages.Of(snapshot, selector, revision, after, limit)
            : CachePages.Of(narrowed, selector, revision, after, limit);
    }

    /// <summary>
    /// Opens a watch. From a revision on, the changes after it are already in the queue; else the objects there are are answered.
    /// </summary>
    /// <exception cref="ApiException">Expired: the changes after the revision are no longer known.</exception>
    public IReadOnlyList<ApiObject> Open(Watcher watcher, long? fromRevision, out long revision)
    {
        lock (_gate)
        {
            revision = Revision;
            IReadOnlyList<ApiObject> initial = [];
            if (fromRevision is { } from)
            {
                if (from < _history.Floor)
                {
                    throw new ApiException(StatusReason.Expired, $"too old resource version: {from} ({_history.Floor})");
                }

                Replay(watcher, from);
            }
            else
            {
                initial = List(watcher.Selector).Items;
            }

            watcher.LastRevision = revision;
            _watchers.Add(watcher);
            return initial;
        }
    }

    /// <summary>Forgets a watch.</summary>
    public void Close(Watcher watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
        }

        watcher.End();
    }

    /// <summary>Ends every watch.</summary>
    public void EndWatches()
    {
        Watcher[] watchers;
        lock (_gate)
        {
            watchers = [.. _watchers.All()];
        }

        EndAll(watchers);
    }

    /// <summary>Tells every watcher that wants to know how far it has seen everything.</summary>
    public void Bookmark(List<Watcher> touched)
    {
        lock (_gate)
        {
            var bookmark = new WatchEvent(WatchEventType.Bookmark, Bookmarks.Plain(Definition.Kind, Revision));
            foreach (var watcher in _watchers.All())
            {
                if (watcher.WantsBookmarks && watcher.Offer(bookmark))
                {
                    touched.Add(watcher);
                }
            }
        }
    }

    /// <summary>An entry of the store as an object of this cache.</summary>
    public CachedObject ToCached(string key, ReadOnlyMemory<byte> value, long revision) =>
        new(key[Prefix.Length..], new ApiObject(Definition.Kind, value, revision), _fields.Read(value.Span));

    private long Revision => Math.Max(_clock.Revision, _changed);

    private void Change(string key, CachedObject? current, long revision, List<Watcher> touched)
    {
        var previous = current is null ? _objects.Remove(key) : _objects.Set(current);
        _changed = Math.Max(_changed, revision);
        if (previous is null && current is null)
        {
            return;
        }

        _indexes.Apply(previous, current);
        var change = new CacheEvent(previous, current, revision);
        _history.Add(change);
        _watchers.Offer(change, touched);
    }

    private void Replay(Watcher watcher, long from)
    {
        foreach (var change in _history.After(from))
        {
            watcher.Offer(change);
        }
    }

    private static void EndAll(Watcher[] watchers)
    {
        foreach (var watcher in watchers)
        {
            watcher.End();
        }
    }

    private List<string> Missing(HashSet<string> kept)
    {
        var missing = new List<string>();
        var snapshot = _objects.TakeSnapshot();
        var position = default(ObjectSnapshot.Position);
        while (snapshot.Next(ref position) is { } item)
        {
            if (!kept.Contains(item.Key))
            {
                missing.Add(item.Key);
            }
        }

        return missing;
    }

    /// <summary>The objects that an index finds; null if the selection is better read in key order.</summary>
    private List<CachedObject>? Narrow(ObjectSelector selector)
    {
        if (selector.Name is { } name && (selector.Namespace.Length > 0 || !Definition.Namespaced))
        {
            return _objects.Find(StorageKeys.Suffix(selector.Namespace, name)) is { } only ? [only] : [];
        }

        return _indexes.Narrow(selector) is { } found && found.Count < _objects.Count ? [.. found] : null;
    }
}
