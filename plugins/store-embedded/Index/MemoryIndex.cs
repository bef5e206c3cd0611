namespace Modular.Plugins.StoreEmbedded.Index;

/// <summary>
/// Every key with its versions, and the changes in the order they happened. One writer publishes; any number read. Readers hold the lock for
/// a slice of their work only, so that a long range never keeps a commit waiting: what a revision saw stays readable until it is compacted.
/// </summary>
internal sealed class MemoryIndex
{
    private const int Slice = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, KeyNode> _nodes = new(StringComparer.Ordinal);
    private readonly SortedKeys _sorted = new();
    private readonly ChangeHistory _history = new();
    private readonly Dictionary<long, int> _pinned = [];
    private TaskCompletionSource _published = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The revision of the last published commit.</summary>
    public long Current { get; private set; }

    /// <summary>The oldest revision that can be read or watched from.</summary>
    public long Compacted { get; private set; } = 1;

    /// <summary>How many changes, and bytes of values, the history holds.</summary>
    public (int Changes, long Bytes) HistorySize => (_history.Count, _history.Bytes);

    /// <summary>The revisions of a key's newest version; zero if it does not exist.</summary>
    public (long Create, long Mod) RevisionsOf(string key)
    {
        lock (_gate)
        {
            return _nodes.TryGetValue(key, out var node) && node.Newest?.Value is not null
                ? (node.Newest.CreateRevision, node.Newest.ModRevision) : (0, 0);
        }
    }

    /// <summary>A key's newest version.</summary>
    public StoreEntry? Find(string key)
    {
        lock (_gate)
        {
            return _nodes.TryGetValue(key, out var node) && node.Newest?.Value is not null ? node.Newest.ToEntry(keyOnly: false) : null;
        }
    }

    /// <summary>Takes an entry of a snapshot over; it has no history.</summary>
    public void Restore(string key, byte[] value, long createRevision, long modRevision)
    {
        var node = new KeyNode(key);
        node.Newest = new KeyVersion(node, value, createRevision, modRevision, null);
        _nodes.Add(key, node);
        _sorted.Add(node);
    }

    /// <summary>Says which revision the restored entries are the state of; what led there is compacted.</summary>
    public void RestoredAt(long revision)
    {
        Current = revision;
        Compacted = revision + 1;
    }

    /// <summary>Makes commits visible, all at once, and wakes the watchers.</summary>
    public void Publish(ReadOnlySpan<(long Revision, IReadOnlyList<CommitOperation> Operations)> commits)
    {
        TaskCompletionSource published;
        lock (_gate)
        {
            foreach (var (revision, operations) in commits)
            {
                for (var i = 0; i < operations.Count; i++)
                {
                    Apply(operations[i], revision);
                }

                Current = revision;
            }

            published = _published;
            _published = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        published.TrySetResult();
    }

    /// <summary>Reads keys as of a revision (0 for the last published).</summary>
    public RangeResult Range(RangeRequest request)
    {
        lock (_gate)
        {
            if (request.Revision > Current)
            {
                return new RangeResult { Outcome = RangeOutcome.Future, Revision = Current };
            }

            if (request.Revision != 0 && request.Revision < Compacted && request.Revision != Current)
            {
                return new RangeResult { Outcome = RangeOutcome.Compacted, Revision = Compacted };
            }

            var revision = request.Revision == 0 ? Current : request.Revision;
            if (request.To is null)
            {
                return Single(request, revision);
            }

            _pinned[revision] = _pinned.GetValueOrDefault(revision) + 1;
            request = request with { Revision = revision };
        }

        try
        {
            return Scan(request);
        }
        finally
        {
            Unpin(request.Revision);
        }
    }

    /// <summary>Forgets versions and changes that nobody at or after the revision can see.</summary>
    public void Compact(long revision)
    {
        lock (_gate)
        {
            revision = Math.Min(revision, Current);
            foreach (var pinned in _pinned.Keys)
            {
                revision = Math.Min(revision, pinned);
            }

            while (_history.TryTakeBefore(revision, out var version))
            {
                version.Older = null;
                if (version.Value is null && ReferenceEquals(version.Node.Newest, version))
                {
                    _nodes.Remove(version.Node.Key);
                    _sorted.Remove(version.Node.Key);
                }
            }

            Compacted = Math.Max(Compacted, revision);
        }
    }

    /// <summary>The revision that bounds the history to a number of changes and bytes; 0 if it is within both.</summary>
    public long RevisionToCompact(int maxChanges, long maxBytes)
    {
        lock (_gate)
        {
            return _history.RevisionToCompact(maxChanges, maxBytes);
        }
    }

    /// <summary>Finds where a watch begins; false if that is compacted.</summary>
    public bool TryStartWatch(long fromRevision, out long position, out long current)
    {
        lock (_gate)
        {
            current = Current;
            position = fromRevision == 0 ? _history.End : _history.FindFirst(fromRevision);
            return fromRevision == 0 || fromRevision >= Compacted;
        }
    }

    /// <summary>
    /// Collects the changes of whole commits from a position on. Nothing to collect answers a task that ends with the next commit; a position
    /// that is compacted answers false.
    /// </summary>
    public bool TryCollect(StoreWatchRequest request, ref long position, List<StoreChange> changes, out long revision, out Task? wait)
    {
        lock (_gate)
        {
            wait = null;
            revision = Current;
            if (position < _history.Start)
            {
                revision = Compacted;
                return false;
            }

            var last = 0L;
            for (; position < _history.End; position++)
            {
                var version = _history[position];
                if (changes.Count >= Slice && version.ModRevision != last)
                {
                    revision = last;
                    return true;
                }

                last = version.ModRevision;
                var key = version.Node.Key;
                if (string.CompareOrdinal(key, request.From) >= 0 && string.CompareOrdinal(key, request.To) < 0)
                {
                    changes.Add(new StoreChange
                    {
                        Key = key,
                        Revision = last,
                        Value = Memory(version.Value),
                        Previous = request.WithPrevious ? Memory(version.Older?.Value) : null,
                        CreateRevision = version.CreateRevision,
                    });
                }
            }

            if (changes.Count == 0)
            {
                wait = _published.Task;
            }

            return true;
        }
    }

    private void Apply(in CommitOperation operation, long revision)
    {
        if (!_nodes.TryGetValue(operation.Key, out var node))
        {
            if (operation.Value is null)
            {
                return;
            }

            node = new KeyNode(operation.Key);
            _nodes.Add(operation.Key, node);
            _sorted.Add(node);
        }

        var before = node.Newest;
        if (operation.Value is null && before?.Value is null)
        {
            return;
        }

        var created = before?.Value is null ? revision : before.CreateRevision;
        node.Newest = new KeyVersion(node, operation.Value is { } value ? Own(value) : null, created, revision, before);
        _history.Add(node.Newest);
    }

    // Values that are whole arrays already are kept as they are; a commit's caller must not change them (the contract says opaque bytes).
    private static byte[] Own(ReadOnlyMemory<byte> value) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(value, out var array) && array.Offset == 0 && array.Count == array.Array!.Length
            ? array.Array : value.ToArray();

    // A null array converts to empty memory, which would be a value.
    private static ReadOnlyMemory<byte>? Memory(byte[]? value) => value is null ? default(ReadOnlyMemory<byte>?) : value.AsMemory();

    private RangeResult Single(RangeRequest request, long revision)
    {
        var version = _nodes.TryGetValue(request.From, out var node) ? node.At(revision) : null;
        return new RangeResult
        {
            Revision = revision,
            Count = version is null ? 0 : 1,
            Entries = version is null || request.CountOnly ? [] : [version.ToEntry(request.KeysOnly)],
        };
    }

    private RangeResult Scan(RangeRequest request)
    {
        var entries = new List<StoreEntry>();
        var nodes = new KeyNode[Slice];
        var count = 0L;
        var from = request.From;
        int copied;
        do
        {
            lock (_gate)
            {
                copied = _sorted.CopyFrom(from, request.To, nodes);
                for (var i = 0; i < copied; i++)
                {
                    if (nodes[i].At(request.Revision) is not { } version)
                    {
                        continue;
                    }

                    count++;
                    if (!request.CountOnly && (request.Limit == 0 || entries.Count < request.Limit))
                    {
                        entries.Add(version.ToEntry(request.KeysOnly));
                    }
                }
            }

            if (copied > 0)
            {
                // The smallest key behind the last one.
                from = nodes[copied - 1].Key + '\0';
            }
        }
        while (copied == Slice);

        return new RangeResult { Revision = request.Revision, Entries = entries, Count = count };
    }

    private void Unpin(long revision)
    {
        lock (_gate)
        {
            if (--_pinned[revision] == 0)
            {
                _pinned.Remove(revision);
            }
        }
    }
}
