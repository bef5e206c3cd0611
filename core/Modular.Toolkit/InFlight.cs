namespace Modular.Toolkit;

/// <summary>Counts what has begun and not ended, such as calls, for whoever waits until there is nothing left. Thread-safe.</summary>
public sealed class InFlight
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _none;
    private int _count;

    /// <summary>Something begins; dispose what is returned, once, when it ends.</summary>
    public IDisposable Begin()
    {
        lock (_lock)
        {
            _count++;
        }

        return new Entry(this);
    }

    /// <summary>Completes when there is nothing; at once if there is nothing now.</summary>
    public Task WhenNoneAsync()
    {
        lock (_lock)
        {
            return _count == 0 ? Task.CompletedTask : (_none ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private void End()
    {
        TaskCompletionSource? none = null;
        lock (_lock)
        {
            if (--_count == 0)
            {
                (none, _none) = (_none, null);
            }
        }

        none?.SetResult();
    }

    private sealed class Entry(InFlight owner) : IDisposable
    {
        private InFlight? _owner = owner;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.End();
    }
}
