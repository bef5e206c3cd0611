using System.Collections.Concurrent;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Forwarding;

/// <summary>Keeps what other servers answered, for as long as they allow and not too much of it. Thread-safe.</summary>
internal sealed class AnswerCache
{
    private const uint LongestPositive = 300;
    private const uint LongestNegative = 30;

    private readonly ConcurrentDictionary<byte[], Entry> _entries = new(WireNameComparer.Instance);
    private readonly ConcurrentDictionary<byte[], Entry>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly int _most;
    private readonly TimeProvider _time;

    public AnswerCache(int most, TimeProvider time)
    {
        _most = most;
        _time = time;
        _lookup = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public int Count => _entries.Count;

    /// <summary>The answer that is kept for a key, and how many seconds ago it came.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out UpstreamAnswer answer, out uint age)
    {
        answer = null!;
        age = 0;
        if (!_lookup.TryGetValue(key, out var entry))
        {
            return false;
        }

        age = (uint)_time.GetElapsedTime(entry.Came).TotalSeconds;
        answer = entry.Answer;
        return age < entry.Keep;
    }

    public void Put(UpstreamAnswer answer)
    {
        var keep = Math.Min(answer.TimeToLive, answer.Code == ResponseCode.NoError ? LongestPositive : LongestNegative);
        if (keep == 0 || _most == 0 || answer.IsCut || answer.Code is not (ResponseCode.NoError or ResponseCode.NameError))
        {
            return;
        }

        if (_entries.Count >= _most)
        {
            MakeRoom();
        }

        _entries[answer.Question.Key] = new Entry(answer, _time.GetTimestamp(), keep);
    }

    /// <summary>Drops what is too old, or else some of the rest, whichever comes first.</summary>
    private void MakeRoom()
    {
        const int Fraction = 8;
        var spare = Math.Max(1, _most / Fraction);
        foreach (var (key, entry) in _entries)
        {
            if (_time.GetElapsedTime(entry.Came).TotalSeconds >= entry.Keep)
            {
                _entries.TryRemove(key, out _);
            }
        }

        foreach (var (key, _) in _entries)
        {
            if (_entries.Count <= _most - spare)
            {
                return;
            }

            _entries.TryRemove(key, out _);
        }
    }

    private sealed record Entry(UpstreamAnswer Answer, long Came, uint Keep);
}
