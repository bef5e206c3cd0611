using Modular.Abstractions;

namespace Modular.Plugins.Scheduling;

/// <summary>
/// The session with whoever provides the scheduler now. After a swap the old session is closed, so that the old provider can go, and
/// the next use opens one with the new provider, which gets the whole state.
/// </summary>
internal sealed class SchedulerSession(ContractHandle<IScheduler> scheduler, ReservationLedger ledger, int seed) : IAsyncDisposable
{
    private ContractLease<IScheduler> _lease;
    private ISchedulingSession? _session;
    private bool _isFresh;

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
            _session = await lease.Value.OpenAsync(new SchedulingSessionOptions { Seed = seed }, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        _lease = lease;
        _isFresh = true;
        return true;
    }

    /// <summary>Brings the session's picture up to date and has a batch placed.</summary>
    public async ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken)
    {
        var session = _session ?? throw new InvalidOperationException("no session is open");
        if (ledger.TakeDelta(_isFresh) is { } delta
            && !await session.UpdateAsync(delta, cancellationToken).ConfigureAwait(false)
            && !await session.UpdateAsync(ledger.TakeDelta(whole: true)!, cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidOperationException("the scheduler refuses the whole state");
        }

        _isFresh = false;
        var placements = await session.PlaceAsync(pods, cancellationToken).ConfigureAwait(false);
        if (placements.Count != pods.Count)
        {
            throw new InvalidOperationException($"the scheduler answered {placements.Count} placements for {pods.Count} pods");
        }

        for (var i = 0; i < pods.Count; i++)
        {
            if (placements[i].PodUid != pods[i].Uid)
            {
                throw new InvalidOperationException($"the scheduler answered for pod {placements[i].PodUid} where {pods[i].Uid} was next");
            }
        }

        return placements;
    }

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
