namespace Modular.Kernel;

/// <summary>The latest changes of one cache, so that watches can go on from a revision. Bounded in count and bytes. Not thread-safe.</summary>
internal sealed class EventHistory
{
    private const int MostEvents = 8192;
    private const long MostBytes = 16L << 20;

    private readonly Queue<CacheEvent> _events = new();
    private long _bytes;

    /// <summary>The oldest revision that a watch can go on from.</summary>
    public long Floor { get; private set; }

    /// <summary>Forgets everything up to a revision.</summary>
    public void Restart(long floor)
    {
        _events.Clear();
        _bytes = 0;
        Floor = floor;
    }

    /// <summary>Remembers a change.</summary>
    public void Add(CacheEvent change)
    {
        _events.Enqueue(change);
        _bytes += SizeOf(change);
        while (_events.Count > MostEvents || (_bytes > MostBytes && _events.Count > 1))
        {
            var oldest = _events.Dequeue();
            _bytes -= SizeOf(oldest);
            Floor = oldest.Revision;
        }
    }

    /// <summary>The changes after a revision, in order.</summary>
    public IEnumerable<CacheEvent> After(long revision)
    {
        foreach (var change in _events)
        {
            if (change.Revision > revision)
            {
                yield return change;
            }
        }
    }

    private static long SizeOf(CacheEvent change) =>
        96 + (change.Current?.Object.Body.Length ?? 0) + (change.Previous?.Object.Body.Length ?? 0);
}
