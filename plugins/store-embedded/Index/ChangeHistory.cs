namespace Modular.Plugins.StoreEmbedded.Index;

/// <summary>The changes since the last compaction, oldest first, by positions that never change. A ring that grows. Not thread-safe.</summary>
internal sealed class ChangeHistory
{
    private KeyVersion?[] _ring = new KeyVersion?[1024];

    /// <summary>The position of the oldest change.</summary>
    public long Start { get; private set; }

    /// <summary>The position behind the newest change.</summary>
    public long End { get; private set; }

    public int Count => (int)(End - Start);

    /// <summary>The bytes of the values held.</summary>
    public long Bytes { get; private set; }

    public KeyVersion this[long position] => _ring[position & (_ring.Length - 1)]!;

    public void Add(KeyVersion version)
    {
        if (Count == _ring.Length)
        {
            var larger = new KeyVersion?[_ring.Length * 2];
            for (var position = Start; position < End; position++)
            {
                larger[position & (larger.Length - 1)] = this[position];
            }

            _ring = larger;
        }

        _ring[End & (_ring.Length - 1)] = version;
        End++;
        Bytes += version.Value?.Length ?? 0;
    }

    /// <summary>Takes the oldest change if it happened before a revision.</summary>
    public bool TryTakeBefore(long revision, out KeyVersion version)
    {
        version = null!;
        if (Start == End || this[Start].ModRevision >= revision)
        {
            return false;
        }

        version = this[Start];
        _ring[Start & (_ring.Length - 1)] = null;
        Start++;
        Bytes -= version.Value?.Length ?? 0;
        return true;
    }

    /// <summary>The position of the first change at or after a revision.</summary>
    public long FindFirst(long revision)
    {
        long low = Start, high = End;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (this[middle].ModRevision < revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The revision to compact to so that at most so many changes and bytes are left; 0 if they already are.</summary>
    public long RevisionToCompact(int maxChanges, long maxBytes)
    {
        if (Count <= maxChanges && Bytes <= maxBytes)
        {
            return 0;
        }

        // A tenth more than needed goes, so that compaction is rare.
        var position = Math.Max(Start, End - (long)(maxChanges * 0.9));
        var bytes = 0L;
        for (var at = End - 1; at >= position; at--)
        {
            bytes += this[at].Value?.Length ?? 0;
            if (bytes > maxBytes * 0.9)
            {
                position = at + 1;
                break;
            }
        }

        return position < End ? this[position].ModRevision : this[End - 1].ModRevision;
    }
}
