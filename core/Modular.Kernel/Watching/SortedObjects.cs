namespace Modular.Kernel;

/// <summary>
/// Objects ordered by key, in chunks. A snapshot costs nothing: chunks that one may see are copied before they change. Not thread-safe
/// but for the snapshots.
/// </summary>
internal sealed class SortedObjects
{
    private const int ChunkSize = 256;

    private Chunk[] _chunks = [];
    private int _chunkCount;
    private long _epoch;
    private long _rootEpoch;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The objects as they are now, for as long as the reader likes.</summary>
    public ObjectSnapshot TakeSnapshot()
    {
        _epoch++;
        return new ObjectSnapshot(new ArraySegment<Chunk>(_chunks, 0, _chunkCount), Count);
    }

    /// <summary>The object with a key, or null.</summary>
    public CachedObject? Find(string key)
    {
        var chunk = ObjectSnapshot.ChunkOf(_chunks.AsSpan(0, _chunkCount), key);
        return chunk >= 0 && _chunks[chunk].TryFind(key, out var index) ? _chunks[chunk].Items[index] : null;
    }

    /// <summary>Puts an object in its place and answers the one that had the key before.</summary>
    public CachedObject? Set(CachedObject item)
    {
        var at = Math.Max(0, ObjectSnapshot.ChunkOf(_chunks.AsSpan(0, _chunkCount), item.Key));
        if (_chunkCount == 0)
        {
            InsertChunk(0, new Chunk(_epoch));
        }

        var found = _chunks[at].TryFind(item.Key, out var index);
        if (found)
        {
            var chunk = Own(at);
            var previous = chunk.Items[index];
            chunk.Items[index] = item;
            return previous;
        }

        if (_chunks[at].Count == ChunkSize)
        {
            at = Split(at, ref index);
        }

        Own(at).Insert(index, item);
        Count++;
        return null;
    }

    /// <summary>Takes an object away and answers it; null if there was none.</summary>
    public CachedObject? Remove(string key)
    {
        var at = ObjectSnapshot.ChunkOf(_chunks.AsSpan(0, _chunkCount), key);
        if (at < 0 || !_chunks[at].TryFind(key, out var index))
        {
            return null;
        }

        var chunk = Own(at);
        var removed = chunk.Items[index];
        chunk.RemoveAt(index);
        Count--;
        if (chunk.Count == 0)
        {
            OwnRoot();
            Array.Copy(_chunks, at + 1, _chunks, at, _chunkCount - at - 1);
            _chunks[--_chunkCount] = null!;
        }

        return removed;
    }

    /// <summary>Takes all objects away.</summary>
    public void Clear()
    {
        _chunks = [];
        _chunkCount = 0;
        _rootEpoch = _epoch;
        Count = 0;
    }

    /// <summary>Makes room in a full chunk. Keys that arrive in order fill chunks; others halve them.</summary>
    private int Split(int at, ref int index)
    {
        var isAppend = index == ChunkSize && at == _chunkCount - 1;
        var right = new Chunk(_epoch);
        if (!isAppend)
        {
            Own(at).MoveUpperHalf(right);
        }

        InsertChunk(at + 1, right);
        var kept = _chunks[at].Count;
        if (index < kept || (index == kept && !isAppend))
        {
            return at;
        }

        index -= kept;
        return at + 1;
    }

    private void InsertChunk(int at, Chunk chunk)
    {
        if (_chunkCount == _chunks.Length)
        {
            Array.Resize(ref _chunks, Math.Max(4, _chunkCount * 2));
            _rootEpoch = _epoch;
        }

        OwnRoot();
        Array.Copy(_chunks, at, _chunks, at + 1, _chunkCount - at);
        _chunks[at] = chunk;
        _chunkCount++;
    }

    private Chunk Own(int at)
    {
        var chunk = _chunks[at];
        if (chunk.Epoch == _epoch)
        {
            return chunk;
        }

        OwnRoot();
        return _chunks[at] = chunk.Copy(_epoch);
    }

    private void OwnRoot()
    {
        if (_rootEpoch != _epoch)
        {
            _chunks = [.. _chunks];
            _rootEpoch = _epoch;
        }
    }

    /// <summary>A run of neighbouring objects.</summary>
    internal sealed class Chunk(long epoch)
    {
        public CachedObject[] Items { get; } = new CachedObject[ChunkSize];

        public int Count { get; private set; }

        /// <summary>The snapshots before this do not see the chunk.</summary>
        public long Epoch { get; } = epoch;

        public bool TryFind(string key, out int index)
        {
            int low = 0, high = Count - 1;
            while (low <= high)
            {
                var middle = (low + high) >> 1;
                var order = string.CompareOrdinal(Items[middle].Key, key);
                if (order == 0)
                {
                    index = middle;
                    return true;
                }

                if (order < 0)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle - 1;
                }
            }

            index = low;
            return false;
        }

        public void Insert(int index, CachedObject item)
        {
            Array.Copy(Items, index, Items, index + 1, Count - index);
            Items[index] = item;
            Count++;
        }

        public void RemoveAt(int index)
        {
            Count--;
            Array.Copy(Items, index + 1, Items, index, Count - index);
            Items[Count] = null!;
        }

        public void MoveUpperHalf(Chunk target)
        {
            const int half = ChunkSize / 2;
            Array.Copy(Items, half, target.Items, 0, Count - half);
            target.Count = Count - half;
            Array.Clear(Items, half, Count - half);
            Count = half;
        }

        public Chunk Copy(long epoch)
        {
            var copy = new Chunk(epoch) { Count = Count };
            Array.Copy(Items, copy.Items, Count);
            return copy;
        }
    }
}
