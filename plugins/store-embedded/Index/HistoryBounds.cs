namespace Modular.Plugins.StoreEmbedded.Index;

/// <summary>
/// Keeps the history within its bounds: a number of revisions and bytes after each batch, an age by a timer that only runs while something
/// can grow old.
/// </summary>
internal sealed class HistoryBounds : IDisposable
{
    private const int PeriodsPerWindow = 16;

    private readonly MemoryIndex _index;
    private readonly StoreSettings _settings;
    private readonly TimeProvider _time;
    private readonly TimeSpan _period;
    private readonly TimeSpan _age;
    private readonly Lock _gate = new();
    // When each period in which something was committed began, and its last revision; oldest first.
    private readonly List<(long Begun, long Revision)> _periods = [];
    private readonly ITimer _timer;

    public HistoryBounds(MemoryIndex index, StoreSettings settings, TimeProvider time)
    {
        _index = index;
        _settings = settings;
        _time = time;
        _period = TimeSpan.FromMinutes(settings.HistoryMinutes) / PeriodsPerWindow;
        _age = TimeSpan.FromMinutes(settings.HistoryMinutes) + _period;
        _timer = time.CreateTimer(_ => Expire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (index.Current >= index.Compacted)
        {
            Note();
        }
    }

    /// <summary>Called after each batch of commits.</summary>
    public void Committed()
    {
        Trim();
        Note();
    }

    /// <summary>Bounds the history by number and size.</summary>
    public void Trim()
    {
        // A tenth more than needed goes, so that compaction is rare.
        var oldest = _index.Current - _settings.HistoryRevisions;
        if (oldest > _index.Compacted)
        {
            _index.Compact(Math.Min(_index.Current, oldest + (_settings.HistoryRevisions / 10)));
        }

        var revision = _index.RevisionWithin(_settings.HistoryBytes);
        if (revision > 0)
        {
            _index.Compact(revision);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();

    private void Note()
    {
        lock (_gate)
        {
            if (_periods.Count > 0 && _time.GetElapsedTime(_periods[^1].Begun) < _period)
            {
                _periods[^1] = _periods[^1] with { Revision = _index.Current };
                return;
            }

            _periods.Add((_time.GetTimestamp(), _index.Current));
            if (_periods.Count == 1)
            {
                _timer.Change(_age, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Expire()
    {
        var revision = 0L;
        lock (_gate)
        {
            while (_periods.Count > 0)
            {
                var left = _age - _time.GetElapsedTime(_periods[0].Begun);
                if (left > TimeSpan.Zero)
                {
                    _timer.Change(left, Timeout.InfiniteTimeSpan);
                    break;
                }

                revision = _periods[0].Revision;
                _periods.RemoveAt(0);
            }
        }

        if (revision > 0)
        {
            _index.Compact(revision);
        }
    }
}
