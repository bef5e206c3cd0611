namespace Modular.Kernel;

/// <summary>The objects of a cache at one moment, ordered by key. Never changes.</summary>
internal readonly struct ObjectSnapshot(ArraySegment<SortedObjects.Chunk> chunks, int count)
{
    /// <summary>How many there are.</summary>
    public int Count => count;

    /// <summary>The place of the first object whose key is not before the given one.</summary>
    public Position Seek(string key)
    {
        var chunk = ChunkOf(chunks, key);
        if (chunk < 0)
        {
            return new Position(0, 0);
        }

        chunks[chunk].TryFind(key, out var index);
        return index == chunks[chunk].Count ? new Position(chunk + 1, 0) : new Position(chunk, index);
    }

    /// <summary>The object at a place, which then moves on; null behind the last.</summary>
    public CachedObject? Next(ref Position position)
    {
        if (position.Chunk >= chunks.Count)
        {
            return null;
        }

        var chunk = chunks[position.Chunk];
        var item = chunk.Items[position.Index];
        position = position.Index + 1 < chunk.Count ? position with { Index = position.Index + 1 } : new Position(position.Chunk + 1, 0);
        return item;
    }

    /// <summary>How many objects lie before a place.</summary>
    public int Rank(Position position)
    {
        var rank = position.Index;
        for (var i = 0; i < position.Chunk; i++)
        {
            rank += chunks[i].Count;
        }

        return rank;
    }

    /// <summary>The chunk a key belongs to; -1 if it lies before all.</summary>
    public static int ChunkOf(ReadOnlySpan<SortedObjects.Chunk> chunks, string key)
    {
        int low = 0, high = chunks.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (string.CompareOrdinal(chunks[middle].Items[0].Key, key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }

    /// <summary>A place between objects.</summary>
    public readonly record struct Position(int Chunk, int Index);
}
