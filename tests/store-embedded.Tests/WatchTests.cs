using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class WatchTests
{
    [Fact]
    public async Task A_watch_of_a_range_hears_of_other_keys_only_how_far_the_store_is()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await using var watch = store.Watch(from: "b", to: "c");
        await watch.NextAsync();

        await store.CommitAsync(Set("a", "1"), Set("c", "1"));
        var quiet = await watch.NextAsync();
        Assert.Equal((StoreWatchKind.Progress, 1L, 0), (quiet.Kind, quiet.Revision, quiet.Changes.Count));
        await store.CommitAsync(Set("a", "2"), Set("b", "2"));
        Assert.Equal("2:b=2", Assert.Single((await watch.NextAsync()).Changes).Text());
    }

    [Fact]
    public async Task A_consumer_that_is_behind_gets_many_commits_at_once_but_never_part_of_one()
    {
        await using var store = new OpenedStore(new SimulatedDisk(), OpenedStore.Small with { SegmentBytes = 1 << 20, SnapshotBytes = 1 << 20 });
        await using var watch = store.Watch();
        await watch.NextAsync();
        for (var i = 0; i < 50; i++)
        {
            await store.CommitAsync([.. Enumerable.Range(0, 30 + i).Select(k => Set($"k{k}", $"{i}"))]);
        }

        var batches = new List<StoreWatchBatch>();
        do
        {
            batches.Add(await watch.NextAsync());
        }
        while (batches[^1].Revision < 50);

        Assert.InRange(batches.Count, 2, 10);
        Assert.Equal(Enumerable.Range(0, 50).Sum(i => 30 + i), batches.Sum(b => b.Changes.Count));
        for (var i = 1; i < batches.Count; i++)
        {
            Assert.Equal(batches[i - 1].Revision, batches[i - 1].Changes[^1].Revision);
            Assert.True(batches[i].Changes[0].Revision > batches[i - 1].Revision);
        }
    }

    [Fact]
    public async Task A_consumer_that_compaction_overtakes_is_told()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await using var watch = store.Watch();
        await watch.NextAsync();
        for (var i = 0; i < 4; i++)
        {
            await store.SetAsync("a", $"{i}");
        }

        await store.Store.CompactAsync(3, TestContext.Current.CancellationToken);

        Assert.Equal((StoreWatchKind.Compacted, 3L), ((await watch.NextAsync()).Kind, watch.Current.Revision));
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task A_watch_ends_with_the_store()
    {
        var store = new OpenedStore(new SimulatedDisk());
        await using var watch = store.Watch();
        await watch.NextAsync();
        var next = watch.MoveNextAsync();
        Assert.False(next.IsCompleted);

        await store.DisposeAsync();

        Assert.False(await next);
    }
}
