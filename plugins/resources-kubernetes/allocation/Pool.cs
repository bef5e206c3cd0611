namespace Modular.Plugins.ResourcesKubernetes.Allocation;

/// <summary>
/// Which values of a range are taken: by objects that are stored, and by writes under way. What objects hold comes from watching them, so
/// nothing can stay taken by an object that is gone. Thread-safe.
/// </summary>
internal sealed class Pool(long first, long last, long firstAutomatic, TimeProvider time)
{
    // A stored object shows in the watch soon after; one that came and went unseen must not hold its values for ever.
    private static readonly TimeSpan LongestLag = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, int> _held = [];
    private readonly Dictionary<long, DateTimeOffset> _reserved = [];

    /// <summary>Whether a value is of the range.</summary>
    public bool Contains(long value) => value >= first && value <= last;

    /// <summary>Takes a value; false if somebody has it.</summary>
    public bool TryReserve(long value)
    {
        lock (_gate)
        {
            return IsFree(value) && Reserve(value);
        }
    }

    /// <summary>Takes any value, of the part for those who don't choose as long as there is one; null if none is left.</summary>
    public long? ReserveAny()
    {
        lock (_gate)
        {
            return Find(firstAutomatic, last) ?? Find(first, Math.Min(firstAutomatic - 1, last));
        }
    }

    /// <summary>The write that took a value is over.</summary>
    /// <param name="value">The value.</param>
    /// <param name="stored">Whether an object holds it now.</param>
    public void End(long value, bool stored)
    {
        lock (_gate)
        {
            if (stored && !_held.ContainsKey(value))
            {
                _reserved[value] = time.GetUtcNow() + LongestLag;
            }
            else
            {
                _reserved.Remove(value);
            }
        }
    }

    /// <summary>A stored object holds a value.</summary>
    public void Hold(long value)
    {
        lock (_gate)
        {
            _held[value] = _held.GetValueOrDefault(value) + 1;
            if (_reserved.TryGetValue(value, out var until) && until != DateTimeOffset.MaxValue)
            {
                _reserved.Remove(value);
            }
        }
    }

    /// <summary>An object no longer holds a value.</summary>
    public void Release(long value)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(value, out var holders) && holders > 1)
            {
                _held[value] = holders - 1;
            }
            else
            {
                _held.Remove(value);
            }
        }
    }

    private long? Find(long from, long to)
    {
        var count = to - from + 1;
        if (count <= 0)
        {
            return null;
        }

        var start = Random.Shared.NextInt64(count);
        for (var i = 0L; i < count; i++)
        {
            var value = from + ((start + i) % count);
            if (IsFree(value))
            {
                Reserve(value);
                return value;
            }
        }

        return null;
    }

    private bool IsFree(long value) =>
        !_held.ContainsKey(value) && (!_reserved.TryGetValue(value, out var until) || until <= time.GetUtcNow());

    private bool Reserve(long value)
    {
        _reserved[value] = DateTimeOffset.MaxValue;
        return true;
    }
}
