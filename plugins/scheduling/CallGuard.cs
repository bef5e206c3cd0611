namespace Modular.Plugins.Scheduling;

/// <summary>Calls of a plugin that may block, spin or never answer. One caller at a time.</summary>
/// <param name="deadline">How long a call may take; past that it is abandoned, with the thread it may hold.</param>
/// <param name="time">The clock.</param>
internal sealed class CallGuard(TimeSpan deadline, TimeProvider time)
{
    /// <summary>Completes when the latest call has ended, however long after its deadline. Never fails.</summary>
    public Task Latest { get; private set; } = Task.CompletedTask;

    /// <summary>Waits for a call until its deadline.</summary>
    /// <exception cref="CallStalledException">The deadline has passed.</exception>
    public async Task<T> CallAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = abandoned.Token;
        var running = Task.Run(async () => await call(token).ConfigureAwait(false), CancellationToken.None);
        Latest = running.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            return await running.WaitAsync(deadline, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!running.IsCompleted)
        {
            await abandoned.CancelAsync().ConfigureAwait(false);
            throw new CallStalledException(deadline);
        }
    }
}

/// <summary>A call of a plugin was not answered in time.</summary>
internal sealed class CallStalledException(TimeSpan deadline) : Exception($"no answer within {deadline.TotalSeconds:0.###} s");
