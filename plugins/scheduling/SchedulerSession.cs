using Modular.Abstractions;

namespace Modular.Plugins.Scheduling;

/// <summary>
/// The session with whoever provides the scheduler now. After a swap the old session is closed, so that the old provider can go, and
/// the next use opens one with the new provider, which gets the whole state.
/// </summary>
internal sealed class SchedulerSession(ContractHandle<IScheduler> scheduler, LedgerFeed feed, int seed) : IAsyncDisposable
{
    private ContractLease<IScheduler> _lease;
    private FedSession? _session;

    /// <summary>Who decides now; empty if nobody.</summary>
    public string Provider => _session is null ? "" : _lease.Provider.Id;

    /// <summary>Closes a session whose provider is not the current one.</summary>
    public async ValueTask FollowAsync()
    {
        if (_session is not null && _lease.Generation != scheduler.Generation)
        {
            await CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Opens a session if there is none. False if nobody provides a scheduler.</summary>
    public async ValueTask<bool> OpenAsync(CancellationToken cancellationToken)
    {
        await FollowAsync().ConfigureAwait(false);
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
            _session = new FedSession(
                await lease.Value.OpenAsync(new SchedulingSessionOptions { Seed = seed }, cancellationToken).ConfigureAwait(false), feed);
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
    public ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken) =>
        (_session ?? throw new InvalidOperationException("no session is open")).PlaceAsync(pods, cancellationToken);

    /// <summary>Ends the session and gives the provider back.</summary>
    public async ValueTask CloseAsync()
    {
        if (_session is not { } session)
        {
            return;
        }

        _session = null;
        try
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _lease.Dispose();
        }
    }

    public ValueTask DisposeAsync() => CloseAsync();
}
