namespace Modular.Plugins.StoreEmbedded.Tests;

internal static class WatchReading
{
    /// <summary>The next batch; fails if the watch ended.</summary>
    public static async Task<StoreWatchBatch> NextAsync(this IAsyncEnumerator<StoreWatchBatch> watch)
    {
        Assert.True(await watch.MoveNextAsync(), "the watch ended");
        return watch.Current;
    }

    /// <summary>All changes up to a revision.</summary>
    public static async Task<List<StoreChange>> ReadToAsync(this IAsyncEnumerator<StoreWatchBatch> watch, long revision)
    {
        var changes = new List<StoreChange>();
        StoreWatchBatch batch;
        do
        {
            batch = await watch.NextAsync();
            Assert.NotEqual(StoreWatchKind.Compacted, batch.Kind);
            changes.AddRange(batch.Changes);
        }
        while (batch.Revision < revision);

        return changes;
    }

    public static string Text(this StoreChange change) =>
        $"{change.Revision}:{change.Key}={(change.Value is { } value ? OpenedStore.Text(value) : "-")}";
}
