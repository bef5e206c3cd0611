using Microsoft.Extensions.Logging;
using Modular.Abstractions;

namespace Modular.Plugins.Scheduling;

/// <summary>
/// The session with whoever provides the scheduler now. After a swap the old session is closed, so that the old provider can go, and
/// the next use opens one with the new provider, which gets the whole state. Closing is nothing to wait for: a scheduler may hang in it.
/// </summary>
internal sealed partial class SchedulerSession(
    ContractHandle<IScheduler> scheduler, LedgerFeed feed, SchedulingOptions options, TimeProvider time, ILogger log) : IAsyncDisposable
{
    // A batch that a replaced scheduler is at may be ended in that time.
    private static readonly TimeSpan FinishTime = TimeSpan.FromSeconds(1);

    private readonly List<Task> _closing = [];
    private ContractLease<IScheduler> _lease;
    private FedSession? _session;

    /// <summary>Who decides now; empty if nobody.</summary>
    public string Provider => _session is null ? "" : _lease.Provider.Id;

    /// <summary>Closes a session whose provider is not the current one.</summary>
    public void Follow()
    {
        if (_session is not null && _lease.Generation != scheduler.Generation)
        {
            Close();
        }
    }

    /// <summary>Opens a session if there is none. False if nobody provides a scheduler.</summary>
    public async ValueTask<bool> OpenAsync(CancellationToken cancellationToken)
    {
        Follow();
        if (_session is not null)
        {
            return true;
        }

        if (!scheduler.TryAcquire(out var lease))
        {
            return false;
        }

        try
        {
            _session = await FedSession.OpenAsync(lease.Value, feed, options.Seed, options.Deadline, time, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        _lease = lease;
        return true;
    }

    /// <summary>Brings the session's picture up to date and has a batch placed.</summary>
    /// <exception cref="SchedulerReplacedException">Another scheduler has the role now, and this one has not ended in time.</exception>
    public async ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken)
    {
        var session = _session ?? throw new InvalidOperationException("no session is open");
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var placing = session.PlaceAsync(pods, done.Token);
        var replaced = scheduler.WaitForChangeAsync(_lease.Generation, done.Token);
        try
        {
            if (await Task.WhenAny(placing, replaced).ConfigureAwait(false) == replaced)
            {
                await placing.WaitAsync(FinishTime, time, cancellationToken).ConfigureAwait(false);
            }

            return await placing.ConfigureAwait(false);
        }
        catch (TimeoutException) when (!placing.IsCompleted)
        {
            throw new SchedulerReplacedException();
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await replaced.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends the session and gives the provider back.</summary>
    public void Close()
    {
        if (_session is { } session)
        {
            _session = null;
            _closing.RemoveAll(closing => closing.IsCompleted);
            _closing.Add(CloseAsync(session, _lease));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await Task.WhenAll(_closing).WaitAsync(FinishTime, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CloseAsync(FedSession session, ContractLease<IScheduler> lease)
    {
        try
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            LogFailure(lease.Provider.Id, error.Message);
        }
        finally
        {
            lease.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Error, "the session with scheduler {Scheduler} did not end well: {Error}")]
    private partial void LogFailure(string scheduler, string error);
}

/// <summary>The scheduler that was asked does not have the role any more.</summary>
internal sealed class SchedulerReplacedException() : Exception("another scheduler has taken over");
