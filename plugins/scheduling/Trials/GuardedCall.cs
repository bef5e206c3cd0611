namespace Modular.Plugins.Scheduling.Trials;

/// <summary>Calls of a plugin that may block, spin or never answer.</summary>
internal static class GuardedCall
{
    /// <summary>Waits for a call until its deadline; past that it is abandoned, with the thread it may hold.</summary>
    /// <exception cref="CallStalledException">The deadline has passed.</exception>
    public static async Task<T> WithinAsync<T>(
        TimeSpan deadline, TimeProvider time, Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = abandoned.Token;
        var running = Task.Run(async () => await call(token).ConfigureAwait(false), CancellationToken.None);
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
