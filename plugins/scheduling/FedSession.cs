using Modular.Abstractions;

namespace Modular.Plugins.Scheduling;

/// <summary>A scheduler's session and the feed that keeps its picture up to date. One caller at a time.</summary>
internal sealed class FedSession : IAsyncDisposable
{
    private readonly ISchedulingSession _session;
    private readonly LedgerFeed _feed;
    private readonly CallGuard _guard;
    private readonly TimeProvider _time;
    private bool _isFresh = true;

    private FedSession(ISchedulingSession session, LedgerFeed feed, CallGuard guard, TimeProvider time)
    {
        _session = session;
        _feed = feed;
        _guard = guard;
        _time = time;
    }

    /// <summary>How long the latest batch took.</summary>
    public TimeSpan LastDuration { get; private set; }

    /// <summary>Opens a session that knows nothing yet.</summary>
    /// <exception cref="CallStalledException">The scheduler does not answer.</exception>
    public static async Task<FedSession> OpenAsync(
        IScheduler scheduler, LedgerFeed feed, int seed, TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken)
    {
        var guard = new CallGuard(deadline, time);
        var session = await guard.CallAsync(
            token => scheduler.OpenAsync(new SchedulingSessionOptions { Seed = seed }, token), cancellationToken).ConfigureAwait(false);
        return new FedSession(session, feed, guard, time);
    }

    /// <summary>Brings the session's picture up to date and has a batch placed. After a failure the session is of no use any more.</summary>
    /// <returns>One placement per pod, in the pods' order.</returns>
    /// <exception cref="CallStalledException">The scheduler does not answer.</exception>
    /// <exception cref="InvalidOperationException">The scheduler does not keep to its contract.</exception>
    public async Task<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken)
    {
        // Taken here: a call that was abandoned must not touch the feed.
        var delta = _feed.Take(_isFresh);
        var started = _time.GetTimestamp();
        if (delta is not null && !await UpdateAsync(delta, cancellationToken).ConfigureAwait(false)
            && !await UpdateAsync(_feed.Take(whole: true)!, cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidOperationException("the scheduler refuses the whole state");
        }

        _isFresh = false;
        var placements = await _guard.CallAsync(token => _session.PlaceAsync(pods, token), cancellationToken).ConfigureAwait(false);
        LastDuration = _time.GetElapsedTime(started);
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

    /// <summary>Ends the session, once a call that was abandoned has ended.</summary>
    /// <exception cref="CallStalledException">It does not end.</exception>
    public async ValueTask DisposeAsync()
    {
        await _guard.Latest.ConfigureAwait(false);
        await _guard.CallAsync(
            async _ =>
            {
                await _session.DisposeAsync().ConfigureAwait(false);
                return true;
            },
            CancellationToken.None).ConfigureAwait(false);
    }

    private Task<bool> UpdateAsync(ClusterDelta delta, CancellationToken cancellationToken) =>
        _guard.CallAsync(token => _session.UpdateAsync(delta, token), cancellationToken);
}
