using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>Reads a watch as a careful consumer does: it knows how far it is, and goes on from there when the watch is cut.</summary>
internal sealed class StoreWatcher : IAsyncDisposable
{
    /// <summary>How long a batch that has to come may take before a store is said to hang.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _cut;
    private readonly IAsyncEnumerator<StoreWatchBatch> _batches;

    public StoreWatcher(IObjectStore store, StoreWatchRequest request, CancellationToken cancellationToken)
    {
        Request = request;
        Known = request.Revision - 1;
        _cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _batches = store.WatchAsync(request, _cut.Token).GetAsyncEnumerator(_cut.Token);
    }

    public StoreWatchRequest Request { get; }

    /// <summary>The revision up to which everything was told; one less than the first of interest before anything was.</summary>
    public long Known { get; private set; }

    /// <summary>The next batch; null if the watch ended.</summary>
    public async Task<StoreWatchBatch?> NextAsync()
    {
        var more = await _batches.MoveNextAsync().AsTask().WaitAsync(Patience, CancellationToken.None);
        if (!more)
        {
            return null;
        }

        var batch = _batches.Current;
        if (batch.Kind != StoreWatchKind.Compacted)
        {
            Note(batch);
        }

        return batch;
    }

    /// <summary>The next batch, which has to be the one that says that the watch is established.</summary>
    public async Task<StoreWatchBatch> EstablishAsync()
    {
        var batch = await NextAsync();
        Assert.NotNull(batch);
        Assert.Equal(StoreWatchKind.Progress, batch.Kind);
        return batch;
    }

    /// <summary>All changes up to a revision that has happened; null if the watch says that what it should tell next is compacted.</summary>
    public async Task<List<StoreChange>?> ReadToAsync(long revision)
    {
        var changes = new List<StoreChange>();
        while (Known < revision)
        {
            var batch = await NextAsync();
            Assert.True(batch is not null, $"the watch ended at revision {Known}");
            if (batch.Kind == StoreWatchKind.Compacted)
            {
                Assert.Null(await NextAsync());
                return null;
            }

            changes.AddRange(batch.Changes);
        }

        return changes;
    }

    /// <summary>Cancels the watch while it waits for its next batch, which is lost if it comes all the same.</summary>
    public async Task CutAsync()
    {
        var next = _batches.MoveNextAsync().AsTask();
        await _cut.CancelAsync();
        try
        {
            await next.WaitAsync(Patience, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // As it should be; a batch that was under way is as good.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cut.CancelAsync();
        await _batches.DisposeAsync();
        _cut.Dispose();
    }

    private void Note(StoreWatchBatch batch)
    {
        Assert.Equal(batch.Kind == StoreWatchKind.Changes, batch.Changes.Count > 0);
        var last = 0L;
        foreach (var change in batch.Changes)
        {
            Assert.True(change.Revision > Known, $"revision {change.Revision} of {change.Key} was told after everything up to {Known}");
            Assert.True(change.Revision >= last, $"revision {change.Revision} of {change.Key} was told after {last}");
            last = change.Revision;
        }

        Assert.True(batch.Revision >= last, $"a batch up to revision {batch.Revision} holds revision {last}");
        Known = Math.Max(Known, batch.Revision);
    }
}
