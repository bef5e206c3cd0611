using Modular.Abstractions;

namespace Modular.Plugins.Scheduling;

/// <summary>A scheduler's session and the feed that keeps its picture up to date. One caller at a time.</summary>
internal sealed class FedSession(ISchedulingSession session, LedgerFeed feed) : IAsyncDisposable
{
    private bool _isFresh = true;

    /// <summary>Brings the session's picture up to date and has a batch placed.</summary>
    /// <returns>One placement per pod, in the pods' order.</returns>
    /// <exception cref="InvalidOperationException">The scheduler does not keep to its contract.</exception>
    public async ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken)
    {
        if (feed.Take(_isFresh) is { } delta
            && !await session.UpdateAsync(delta, cancellationToken).ConfigureAwait(false)
            && !await session.UpdateAsync(feed.Take(whole: true)!, cancellationToken).ConfigureAwait(false))
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

    public ValueTask DisposeAsync() => session.DisposeAsync();
}
