using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Index;

/// <summary>
/// Every key with its versions, and the changes in the order they happened. One writer publishes; any number read. Everybody holds the lock
/// for a slice of the work only, so that a long range never keeps a commit waiting: what a revision saw stays readable until it is compacted.
/// </summary>
internal sealed class MemoryIndex
{
    private const int Slice = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, KeyNode> _nodes = new(StringComparer.Ordinal);
    private readonly SortedKeys _sorted = new();
    private readonly ChangeHistory _history = new();
    private readonly Dictionary<long, int> _pinned = [];
    private TaskCompletionSource? _awaited;
    private long _current;
    private long _compacted = 1;
    private bool _closed;

    /// <summary>The revision of the last published commit.</summary>
    public long Current => Volatile.Read(ref _current);

    /// <summary>The oldest revision that can be read or watched from.</summary>
    public long Compacted => Volatile.Read(ref _compacted);

    /// <summary>How many keys there are, deleted ones that the history still knows included.</summary>
    public int Keys => _nodes.Count;

    /// <summary>How many changes the history holds.</summary>
    public int HistoryChanges => _history.Count;

    /// <summary>How many bytes of values the history holds.</summary>
    public long HistoryBytes => _history.Bytes;

    /// <summary>A key's newest version.</summary>
    public StoreEntry? Find(string key)
    {
        lock (_gate)
        {
            return _nodes.TryGetValue(key, out var node) && node.Newest?.Value is not null ? node.Newest.ToEntry(keyOnly: false) : null;
        }
    }

    /// <summary>The revision of a key's newest version; 0 if it does not exist.</summary>
    public long ModRevisionOf(string key)
    {
        lock (_gate)
        {
            return _nodes.TryGetValue(key, out var node) && node.Newest?.Value is not null ? node.Newest.ModRevision : 0;
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
        _current = revision;
        _compacted = revision + 1;
    }

    /// <summary>Makes commits visible, all at once, and wakes the watchers.</summary>
    public void Publish(ReadOnlySpan<StoreCommit> commits)
    {
        TaskCompletionSource? awaited;
        lock (_gate)
        {
            foreach (var (revision, operations) in commits)
            {
                foreach (var operation in operations)
                {
                    Apply(operation, revision);
                }
            }

            Volatile.Write(ref _current, commits[^1].Revision);
            awaited = _awaited;
            _awaited = null;
        }

        awaited?.TrySetResult();
    }

    /// <summary>Ends all watches.</summary>
    public void Close()
    {
        TaskCompletionSource? awaited;
        lock (_gate)
        {
            _closed = true;
            awaited = _awaited;
            _awaited = null;
        }

        awaited?.TrySetResult();
    }

    /// <summary>Reads keys as of a revision (0 for the last published).</summary>
    public RangeResult Range(RangeRequest request)
    {
        long revision;
        lock (_gate)
        {
            if (request.Revision > _current)
            {
                return new RangeResult { Outcome = RangeOutcome.Future, Revision = _current };
            }

            revision = request.Revision == 0 ? _current : request.Revision;
            if (revision < _compacted && revision != _current)
            {
                return new RangeResult { Outcome = RangeOutcome.Compacted, Revision = _compacted };
            }

            if (request.To is null)
            {
                return Single(request, revision);
            }

            Pin(revision);
        }

        try
        {
            return Scan(request, revision);
        }
        finally
        {
            Unpin(revision);
        }
    }

    /// <summary>Hands out all entries of the oldest readable revision, slice by slice, and answers the revision.</summary>
    /// <param name="begin">Told the revision first; false ends it.</param>
    /// <param name="slice">Takes entries, in key order.</param>
    public long ReadOldest(Func<long, bool> begin, Action<ReadOnlySpan<StoreEntry>> slice)
    {
        long revision;
        lock (_gate)
        {
            revision = Math.Min(_compacted, _current);
            Pin(revision);
        }

        try
        {
            if (begin(revision))
            {
                var reader = new SliceReader(this, revision, SortedKeys.First, SortedKeys.End);
                while (reader.MoveNext(keysOnly: false))
                {
                    slice(reader.Entries);
                }
            }
        }
        finally
        {
            Unpin(revision);
        }

        return revision;
    }

    /// <summary>Forgets versions and changes that nobody at or after the revision can see.</summary>
    public void Compact(long revision)
    {
        lock (_gate)
        {
            revision = Math.Min(revision, _current);
            foreach (var pinned in _pinned.Keys)
            {
                revision = Math.Min(revision, pinned);
            }

            // From here on nobody begins to read what goes away below.
            Volatile.Write(ref _compacted, Math.Max(_compacted, revision));
        }

        while (true)
        {
            lock (_gate)
            {
                for (var i = 0; i < Slice; i++)
                {
                    if (!_history.TryTakeBefore(revision, out var version))
                    {
                        return;
                    }

                    version.Older = null;
                    if (version.Value is null && ReferenceEquals(version.Node.Newest, version))
                    {
                        _nodes.Remove(version.Node.Key);
                        _sorted.Remove(version.Node.Key);
                    }
                }
            }
        }
    }

    /// <summary>The oldest revision to keep so that the history has at most so many bytes of values; 0 if it is within that.</summary>
    public long RevisionWithin(long maxBytes)
    {
        lock (_gate)
        {
            return _history.RevisionWithin(maxBytes);
        }
    }

    /// <summary>Finds where a watch begins; false if that is compacted.</summary>
    public bool TryStartWatch(long fromRevision, out WatchPosition position)
    {
        lock (_gate)
        {
            var first = fromRevision == 0 ? _current + 1 : fromRevision;
            position = new WatchPosition(_history.FindFirst(first), first, Math.Min(first - 1, _current));
            return first >= _compacted;
        }
    }

    /// <summary>Collects changes of whole commits from a position on, up to a bound on how long the lock is held.</summary>
    public WatchStep Collect(StoreWatchRequest request, ref WatchPosition position, List<StoreChange> changes, out Task? wait)
    {
        wait = null;
        lock (_gate)
        {
            if (_closed)
            {
                return WatchStep.Closed;
            }

            if (position.Next < _history.Start)
            {
                return WatchStep.Compacted;
            }

            if (position.Known == _current)
            {
                _awaited ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _awaited.Task;
                return WatchStep.Wait;
            }

            position = CollectSlice(request, position, changes);
            return changes.Count > 0 ? WatchStep.Changes : WatchStep.Quiet;
        }
    }

    private WatchPosition CollectSlice(StoreWatchRequest request, WatchPosition start, List<StoreChange> changes)
    {
        var last = 0L;
        var end = start.Next + (4 * Slice);
        for (var position = start.Next; position < _history.End; position++)
        {
            var version = _history[position];
            if (version.ModRevision != last && (changes.Count >= Slice || position >= end))
            {
                return start with { Next = position, Known = last };
            }

            last = version.ModRevision;
            var key = version.Node.Key;
            if (last >= start.First && string.CompareOrdinal(key, request.From) >= 0 && string.CompareOrdinal(key, request.To) < 0)
            {
                changes.Add(version.ToChange(request.WithPrevious));
            }
        }

        return start with { Next = _history.End, Known = _current };
    }

    private void Apply(in StoreOperation operation, long revision)
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
        node.Newest = new KeyVersion(node, operation.Value, created, revision, before);
        _history.Add(node.Newest);
    }

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

    private RangeResult Scan(RangeRequest request, long revision)
    {
        var entries = new List<StoreEntry>();
        var count = 0L;
        var reader = new SliceReader(this, revision, request.From, request.To!);
        while (reader.MoveNext(request.KeysOnly || request.CountOnly))
        {
            count += reader.Entries.Length;
            if (!request.CountOnly)
            {
                var room = request.Limit == 0 ? reader.Entries.Length : Math.Min(reader.Entries.Length, request.Limit - entries.Count);
                entries.AddRange(reader.Entries[..room]);
            }
        }

        return new RangeResult { Revision = revision, Entries = entries, Count = count };
    }

    private void Pin(long revision) => _pinned[revision] = _pinned.GetValueOrDefault(revision) + 1;

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

    // Reads a range at a pinned revision; the lock is held for one slice at a time.
    private struct SliceReader(MemoryIndex index, long revision, string from, string to)
    {
        private readonly KeyNode[] _nodes = new KeyNode[Slice];
        private readonly StoreEntry[] _entries = new StoreEntry[Slice];
        private string? _from = from;
        private int _count;

        public readonly ReadOnlySpan<StoreEntry> Entries => _entries.AsSpan(0, _count);

        public bool MoveNext(bool keysOnly)
        {
            if (_from is null)
            {
                return false;
            }

            int copied;
            _count = 0;
            lock (index._gate)
            {
                copied = index._sorted.CopyFrom(_from, to, _nodes);
                for (var i = 0; i < copied; i++)
                {
                    if (_nodes[i].At(revision) is { } version)
                    {
                        _entries[_count++] = version.ToEntry(keysOnly);
                    }
                }
            }

            // The smallest key behind the last one.
            _from = copied == Slice ? _nodes[^1].Key + '\0' : null;
            return copied > 0;
        }
    }
}
