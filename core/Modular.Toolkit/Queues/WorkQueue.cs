namespace Modular.Toolkit;

/// <summary>
/// Keys that wait for a worker. A key waits at most once however often it is added, and is never handed out while it is in work: added
/// meanwhile, it waits again once that work is done. Thread-safe.
/// </summary>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Queue<TKey> _ready = new();
    private readonly HashSet<TKey> _waiting = [];
    private readonly HashSet<TKey> _working = [];
    private readonly Queue<TaskCompletionSource<TKey>> _takers = new();
    private readonly PriorityQueue<TKey, DateTimeOffset> _later = new();
    private readonly Dictionary<TKey, DateTimeOffset> _dueTimes = [];
    private readonly BackOff<TKey> _backOff;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _closed;

    /// <summary>A queue whose failed keys come back after 5 ms, then twice as late each time, at most after 5 minutes.</summary>
    public WorkQueue(TimeProvider time)
        : this(time, TimeSpan.FromMilliseconds(5), TimeSpan.FromMinutes(5))
    {
    }

    /// <summary>A queue with delays of its own.</summary>
    public WorkQueue(TimeProvider time, TimeSpan firstDelay, TimeSpan longestDelay)
    {
        _time = time;
        _backOff = new BackOff<TKey>(firstDelay, longestDelay);
        _timer = time.CreateTimer(static queue => ((WorkQueue<TKey>)queue!).MoveDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many keys wait for a worker now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>The key wants work.</summary>
    public void Add(TKey key)
    {
        lock (_gate)
        {
            AddNow(key);
        }
    }

    /// <summary>The key wants work after a while; of several times the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        lock (_gate)
        {
            AddLater(key, delay);
        }
    }

    /// <summary>The key failed and wants work after its back-off.</summary>
    public void AddFailed(TKey key)
    {
        lock (_gate)
        {
            AddLater(key, _backOff.Next(key));
        }
    }

    /// <summary>The key succeeded: its back-off starts anew.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
        {
            _backOff.Forget(key);
        }
    }

    /// <summary>Waits for a key and takes it into work. <see cref="Done"/> must follow.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the queue was closed.</exception>
    public ValueTask<TKey> TakeAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<TKey> taker;
        lock (_gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_closed)
            {
                throw new OperationCanceledException("the queue is closed");
            }

            if (_ready.TryDequeue(out var key))
            {
                Begin(key);
                return ValueTask.FromResult(key);
            }

            taker = new TaskCompletionSource<TKey>(TaskCreationOptions.RunContinuationsAsynchronously);
            _takers.Enqueue(taker);
        }

        return WaitAsync(taker, cancellationToken);
    }

    /// <summary>Work on the key is over.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            _working.Remove(key);
            if (_waiting.Contains(key))
            {
                HandOut(key);
            }
        }
    }

    /// <summary>Nobody gets a key any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _timer.Dispose();
            while (_takers.TryDequeue(out var taker))
            {
                taker.TrySetCanceled();
            }
        }
    }

    private static async ValueTask<TKey> WaitAsync(TaskCompletionSource<TKey> taker, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<TKey>)state!).TrySetCanceled(token), taker).ConfigureAwait(false);
        return await taker.Task.ConfigureAwait(false);
    }

    private void AddNow(TKey key)
    {
        if (_closed || !_waiting.Add(key))
        {
            return;
        }

        _dueTimes.Remove(key);
        if (!_working.Contains(key))
        {
            HandOut(key);
        }
    }

    private void HandOut(TKey key)
    {
        while (_takers.TryDequeue(out var taker))
        {
            // The waiting key becomes a working one before anybody can see it handed out.
            Begin(key);
            if (taker.TrySetResult(key))
            {
                return;
            }

            _working.Remove(key);
            _waiting.Add(key);
        }

        _ready.Enqueue(key);
    }

    private void Begin(TKey key)
    {
        _waiting.Remove(key);
        _working.Add(key);
    }

    private void AddLater(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            AddNow(key);
            return;
        }

        var due = _time.GetUtcNow() + delay;
        if (_closed || _waiting.Contains(key) || (_dueTimes.TryGetValue(key, out var earlier) && earlier <= due))
        {
            return;
        }

        _dueTimes[key] = due;
        _later.Enqueue(key, due);
        SetTimer();
    }

    private void MoveDue()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            var now = _time.GetUtcNow();
            while (_later.TryPeek(out var key, out var due) && due <= now)
            {
                _later.Dequeue();
                if (_dueTimes.TryGetValue(key, out var wanted) && wanted == due)
                {
                    _dueTimes.Remove(key);
                    AddNow(key);
                }
            }

            SetTimer();
        }
    }

    private void SetTimer()
    {
        if (_later.TryPeek(out _, out var due))
        {
            var wait = due - _time.GetUtcNow();
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
