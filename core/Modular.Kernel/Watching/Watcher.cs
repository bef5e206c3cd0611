using System.Threading.Tasks.Sources;

namespace Modular.Kernel;

/// <summary>
/// The queue between a cache and one reader of a watch. Two lists take turns: the cache fills one while the reader reads the other, so
/// that nothing is allocated per event. The cache's side is one thread at a time, and so is the reader's.
/// </summary>
internal sealed class Watcher : IValueTaskSource<bool>
{
    private const int MostPending = 16384;

    private readonly Lock _gate = new();
    private readonly bool _endsWhenSlow;
    private List<WatchEvent> _pending = new(8);
    private List<WatchEvent> _read = new(8);
    private int _coalesceAt = MostPending;
    private bool _waiting;
    private bool _ended;
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };

    /// <summary>Makes a queue.</summary>
    /// <param name="selector">What the reader sees.</param>
    /// <param name="wantsBookmarks">Whether bookmarks are sent.</param>
    /// <param name="endsWhenSlow">
    /// What happens to a reader that falls far behind: true ends the watch, and its client watches again from what it saw last; false
    /// joins the changes of each object, so that memory stays bounded by the number of objects.
    /// </param>
    public Watcher(ObjectSelector selector, bool wantsBookmarks, bool endsWhenSlow)
    {
        Selector = selector;
        WantsBookmarks = wantsBookmarks;
        _endsWhenSlow = endsWhenSlow;
    }

    /// <summary>What the reader sees.</summary>
    public ObjectSelector Selector { get; }

    /// <summary>Whether bookmarks are sent.</summary>
    public bool WantsBookmarks { get; }

    /// <summary>The last revision that was put into the queue or skipped as not selected. Belongs to the cache.</summary>
    public long LastRevision { get; set; }

    /// <summary>Whether the dispatcher still has to wake this watcher. Belongs to the cache.</summary>
    public bool IsTouched { get; set; }

    /// <summary>Puts a change into the queue if it is one for this reader. Does not wake the reader.</summary>
    public bool Offer(CacheEvent change) => change.TryView(Selector, out var view) && Offer(view);

    /// <summary>Puts an event into the queue. Does not wake the reader.</summary>
    public bool Offer(in WatchEvent change)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return false;
            }

            _pending.Add(change);
            if (_pending.Count > _coalesceAt)
            {
                Shrink();
            }

            return true;
        }
    }

    /// <summary>Lets the reader go on, if it waits and there is something for it.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (!_waiting || (_pending.Count == 0 && !_ended))
            {
                return;
            }

            _waiting = false;
        }

        _signal.SetResult(true);
    }

    /// <summary>Ends the watch; the reader gets nothing more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            _pending = [];
        }

        Wake();
    }

    /// <summary>Waits for events. The list is the reader's until its next call; null at the end.</summary>
    public async ValueTask<IReadOnlyList<WatchEvent>?> TakeAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_ended)
                {
                    return null;
                }

                // Also before a wait: what was read is not kept alive by a watch on which nothing happens.
                _read.Clear();
                if (_pending.Count > 0)
                {
                    (_read, _pending) = (_pending, _read);
                    _coalesceAt = MostPending;
                    return _read;
                }

                _waiting = true;
                _signal.Reset();
            }

            await new ValueTask<bool>(this, _signal.Version).ConfigureAwait(false);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private void Shrink()
    {
        if (_endsWhenSlow)
        {
            _ended = true;
            _pending = [];
            return;
        }

        _pending = EventCoalescing.Coalesce(_pending);
        _coalesceAt = Math.Max(MostPending, _pending.Count * 2);
    }
}
