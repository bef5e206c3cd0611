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
            Grow();
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

    /// <summary>The oldest revision to keep so that the values kept have at most so many bytes; 0 if they already do.</summary>
    public long RevisionWithin(long maxBytes)
    {
        if (Bytes <= maxBytes)
        {
            return 0;
        }

        // A tenth more than needed goes, so that compaction is rare; the first changes to go are the first ones looked at.
        var position = Start;
        for (var bytes = Bytes; bytes > maxBytes - (maxBytes / 10) && position < End - 1; position++)
        {
            bytes -= this[position].Value?.Length ?? 0;
        }

        return this[position].ModRevision;
    }

    private void Grow()
    {
        var larger = new KeyVersion?[_ring.Length * 2];
        for (var position = Start; position < End; position++)
        {
            larger[position & (larger.Length - 1)] = this[position];
        }

        _ring = larger;
    }
}
