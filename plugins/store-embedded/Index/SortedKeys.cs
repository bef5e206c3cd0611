namespace Modular.Plugins.StoreEmbedded.Index;

/// <summary>
/// Keys in ordinal order, in blocks of a few hundred: an insertion moves one block's tail, a scan walks arrays, and a key costs one reference.
/// Not thread-safe.
/// </summary>
internal sealed class SortedKeys
{
    /// <summary>Before every key.</summary>
    public const string First = "\0";

    /// <summary>Behind every key.</summary>
    public const string End = "\u007f";

    private const int BlockSize = 512;

    private readonly List<Block> _blocks = [new Block()];

    public void Add(KeyNode node)
    {
        var at = FindBlock(node.Key);
        var block = _blocks[at];
        if (block.Count == BlockSize)
        {
            _blocks.Insert(at + 1, block.Split());
            at = string.CompareOrdinal(node.Key, _blocks[at + 1].Nodes[0].Key) < 0 ? at : at + 1;
            block = _blocks[at];
        }

        block.Insert(block.IndexOf(node.Key), node);
    }

    public void Remove(string key)
    {
        var at = FindBlock(key);
        var block = _blocks[at];
        var index = block.IndexOf(key);
        if (index < block.Count && block.Nodes[index].Key == key)
        {
            block.RemoveAt(index);
            if (block.Count == 0 && _blocks.Count > 1)
            {
                _blocks.RemoveAt(at);
            }
        }
    }

    /// <summary>Copies nodes from a key on, before an end, until the target is full; answers how many.</summary>
    public int CopyFrom(string from, string to, Span<KeyNode> target)
    {
        var copied = 0;
        var at = FindBlock(from);
        var index = _blocks[at].IndexOf(from);
        while (at < _blocks.Count)
        {
            var block = _blocks[at];
            for (; index < block.Count; index++)
            {
                if (copied == target.Length || string.CompareOrdinal(block.Nodes[index].Key, to) >= 0)
                {
                    return copied;
                }

                target[copied++] = block.Nodes[index];
            }

            at++;
            index = 0;
        }

        return copied;
    }

    // The last block whose first key is not behind the key.
    private int FindBlock(string key)
    {
        int low = 0, high = _blocks.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (string.CompareOrdinal(_blocks[middle].Nodes[0].Key, key) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private sealed class Block
    {
        public KeyNode[] Nodes { get; private set; } = new KeyNode[16];

        public int Count { get; private set; }

        /// <summary>Where the key is, or belongs.</summary>
        public int IndexOf(string key)
        {
            int low = 0, high = Count;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (string.CompareOrdinal(Nodes[middle].Key, key) < 0)
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

        public void Insert(int index, KeyNode node)
        {
            if (Count == Nodes.Length)
            {
                var larger = new KeyNode[Math.Min(BlockSize, Nodes.Length * 2)];
                Nodes.AsSpan(0, Count).CopyTo(larger);
                Nodes = larger;
            }

            Nodes.AsSpan(index, Count - index).CopyTo(Nodes.AsSpan(index + 1));
            Nodes[index] = node;
            Count++;
        }

        public void RemoveAt(int index)
        {
            Nodes.AsSpan(index + 1, Count - index - 1).CopyTo(Nodes.AsSpan(index));
            Nodes[--Count] = null!;
        }

        public Block Split()
        {
            var half = Count / 2;
            var upper = new Block { Nodes = new KeyNode[BlockSize], Count = Count - half };
            Nodes.AsSpan(half, Count - half).CopyTo(upper.Nodes);
            Nodes.AsSpan(half, Count - half).Clear();
            Count = half;
            return upper;
        }
    }
}
