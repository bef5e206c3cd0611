using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class WatchTests
{
    [Fact]
    public async Task A_watch_says_first_that_it_is_established_then_tells_the_past_and_what_comes()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await store.SetAsync("a", "1");
        await store.SetAsync("b", "2");
        await using var watch = store.Watch(revision: 2);

        Assert.Equal((StoreWatchKind.Progress, 1L), ((await watch.NextAsync()).Kind, watch.Current.Revision));
        Assert.Equal("2:b=2", Assert.Single((await watch.NextAsync()).Changes).Text());
        await store.RemoveAsync("a");
        var batch = await watch.NextAsync();
        Assert.Equal((StoreWatchKind.Changes, 3L), (batch.Kind, batch.Revision));
        Assert.Equal("3:a=-", Assert.Single(batch.Changes).Text());
        Assert.Null(batch.Changes[0].Value);
        Assert.Equal(1, batch.Changes[0].CreateRevision);
    }

    [Fact]
    public async Task From_zero_only_what_comes_counts()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await store.SetAsync("a", "1");
        await using var watch = store.Watch();

        Assert.Equal(1, (await watch.NextAsync()).Revision);
        await store.SetAsync("a", "2");
        Assert.Equal("2:a=2", Assert.Single((await watch.NextAsync()).Changes).Text());
    }

    [Fact]
    public async Task From_the_future_nothing_before_counts()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await using var watch = store.Watch(revision: 3);

        Assert.Equal(0, (await watch.NextAsync()).Revision);
        for (var i = 1; i <= 3; i++)
        {
            await store.SetAsync("a", $"{i}");
        }

        Assert.Equal("3:a=3", string.Join(' ', (await watch.ReadToAsync(3)).Select(c => c.Text())));
    }

    [Fact]
    public async Task Previous_values_come_where_asked_for()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await store.SetAsync("a", "1");
        await store.SetAsync("a", "2");
        await store.RemoveAsync("a");
        await store.SetAsync("a", "3");
        await using var with = store.Watch(revision: 1, withPrevious: true);
        await using var without = store.Watch(revision: 1);

        var changes = await with.ReadToAsync(4);
        Assert.Equal([null, "1", "2", null], changes.Select(c => c.Previous is { } p ? Text(p) : null));
        Assert.Equal([1, 1, 1, 4], changes.Select(c => c.CreateRevision));
        Assert.All(await without.ReadToAsync(4), c => Assert.Null(c.Previous));
    }

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
    public async Task A_compacted_beginning_ends_a_watch()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        for (var i = 0; i < 4; i++)
        {
            await store.SetAsync("a", $"{i}");
        }

        await store.Store.CompactAsync(3, TestContext.Current.CancellationToken);
        await using var compacted = store.Watch(revision: 2);
        Assert.Equal((StoreWatchKind.Compacted, 3L), ((await compacted.NextAsync()).Kind, compacted.Current.Revision));
        Assert.False(await compacted.MoveNextAsync());
        await using var kept = store.Watch(revision: 3);
        Assert.Equal("3:a=2 4:a=3", string.Join(' ', (await kept.ReadToAsync(4)).Select(c => c.Text())));
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

    [Fact]
    public async Task A_cancelled_watch_ends_while_it_waits()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        using var cancel = new CancellationTokenSource();
        await using var watch = store.Store.WatchAsync(new StoreWatchRequest { From = "!", To = "~" }, cancel.Token).GetAsyncEnumerator(cancel.Token);
        await watch.NextAsync();
        var next = watch.MoveNextAsync().AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Watches_that_are_cut_and_resumed_see_each_change_once_in_order()
    {
        var settings = OpenedStore.Small with { SegmentBytes = 1 << 20, SnapshotBytes = 1 << 20 };
        await using var store = new OpenedStore(new SimulatedDisk(), settings);
        const int Writers = 8, Commits = 200, Total = Writers * Commits;

        async Task<List<StoreChange>> ReadAsync(int seed)
        {
            var random = new Random(seed);
            var seen = new List<StoreChange>();
            var known = 0L;
            while (known < Total)
            {
                await using var watch = store.Watch(revision: known + 1);
                for (var batches = random.Next(1, 20); batches > 0 && known < Total; batches--)
                {
                    var batch = await watch.NextAsync();
                    Assert.NotEqual(StoreWatchKind.Compacted, batch.Kind);
                    seen.AddRange(batch.Changes);
                    known = batch.Revision;
                }
            }

            return seen;
        }

        var readers = Enumerable.Range(0, 4).Select(seed => Task.Run(() => ReadAsync(seed))).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Commits; i++)
            {
                await store.SetAsync($"w{writer}", $"{i}");
            }
        })));

        foreach (var seen in await Task.WhenAll(readers))
        {
            Assert.Equal(Enumerable.Range(1, Total).Select(r => (long)r), seen.Select(c => c.Revision));
            foreach (var writer in seen.GroupBy(c => c.Key))
            {
                Assert.Equal(Enumerable.Range(0, Commits).Select(i => $"{i}"), writer.Select(c => Text(c.Value!.Value)));
            }
        }
    }
}
