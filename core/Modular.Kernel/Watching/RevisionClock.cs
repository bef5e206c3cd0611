namespace Modular.Kernel;

/// <summary>How far the caches have come, and who waits for them to come further. Thread-safe.</summary>
internal sealed class RevisionClock
{
    private readonly Lock _gate = new();
    private readonly List<(long Revision, TaskCompletionSource Reached)> _waiting = [];
    private long _revision;

    /// <summary>Everything up to this revision is in the caches.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>Says that the caches have come to a revision.</summary>
    public void Advance(long revision)
    {
        lock (_gate)
        {
            if (revision <= _revision)
            {
                return;
            }

            Volatile.Write(ref _revision, revision);
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].Revision <= revision)
                {
                    _waiting[i].Reached.TrySetResult();
                    _waiting.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>Waits until the caches have come to a revision. Allocates nothing if they have.</summary>
    public ValueTask WaitAsync(long revision, CancellationToken cancellationToken)
    {
        if (Revision >= revision)
        {
            return ValueTask.CompletedTask;
        }

        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_revision >= revision)
            {
                return ValueTask.CompletedTask;
            }

            _waiting.Add((revision, reached));
        }

        return new ValueTask(AwaitAsync(reached, revision, cancellationToken));
    }

    private async Task AwaitAsync(TaskCompletionSource reached, long revision, CancellationToken cancellationToken)
    {
        try
        {
            await reached.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!reached.Task.IsCompleted)
            {
                lock (_gate)
                {
                    _waiting.Remove((revision, reached));
                }
            }
        }
    }
}
