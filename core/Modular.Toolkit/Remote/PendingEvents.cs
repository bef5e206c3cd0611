using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>What one reader has not read yet. For one that falls behind, the changes of each object are joined. Thread-safe, for one reader.</summary>
internal sealed class PendingEvents
{
    private const int MostUnjoined = 4096;

    private readonly Lock _lock = new();
    private List<WatchEvent> _events = [];
    private TaskCompletionSource _added = NewSignal();
    private int _limit = MostUnjoined;
    private bool _ended;
    private Exception? _failure;

    public void Add(WatchEvent change)
    {
        lock (_lock)
        {
            _events.Add(change);
            if (_events.Count >= _limit)
            {
                _events = EventCoalescing.Coalesce(_events);
                _limit = Math.Max(MostUnjoined, _events.Count * 2);
            }

            _added.TrySetResult();
        }
    }

    /// <summary>All that waits, once there is something; null at the end, or the failure that ended it.</summary>
    public async ValueTask<IReadOnlyList<WatchEvent>?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task added;
            lock (_lock)
            {
                if (_ended)
                {
                    return _failure is null ? null : throw _failure;
                }

                if (_events.Count > 0)
                {
                    (var batch, _events, _added, _limit) = (_events, [], NewSignal(), MostUnjoined);
                    return batch;
                }

                added = _added.Task;
            }

            await added.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void End(Exception? failure = null)
    {
        lock (_lock)
        {
            _ended = true;
            _failure ??= failure;
            _added.TrySetResult();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
