using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class RangeTests
{
    [Fact]
    public async Task A_range_ends_before_its_end_and_counts_beyond_its_limit()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await store.CommitAsync(Set("a", "1"), Set("a/b", "2"), Set("a/c", "3"), Set("b", "4"));

        Assert.Equal(["a/b", "a/c"], store.Range("a/", "a0").Entries.Select(e => e.Key));
        var limited = store.Range("a", "b", limit: 1);
        Assert.Equal((1, 3L), (limited.Entries.Count, limited.Count));
        Assert.Equal("1", Text(limited.Entries[0].Value));
        Assert.Empty(store.Range("b", "a").Entries);
        Assert.Empty(store.Range("a/", null).Entries);
    }

    [Fact]
    public async Task Keys_only_leaves_values_out_and_count_only_leaves_all_out()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await store.CommitAsync(Set("a", "1"), Set("b", "2"));

        Assert.All(store.Range(keysOnly: true).Entries, e => Assert.Equal(0, e.Value.Length));
        var count = store.Range(countOnly: true);
        Assert.Equal((0, 2L), (count.Entries.Count, count.Count));
        Assert.Equal((0, 1L), (store.Range("a", null, countOnly: true).Entries.Count, store.Range("a", null, countOnly: true).Count));
    }

    [Fact]
    public async Task The_past_stays_readable_until_it_is_compacted()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await store.SetAsync("a", "1");
        await store.SetAsync("a", "2");
        await store.CommitAsync(Remove("a"), Set("b", "3"));
        await store.SetAsync("a", "4");

        Assert.Equal("a=1", store.Dump(1));
        Assert.Equal("a=2", store.Dump(2));
        Assert.Equal("b=3", store.Dump(3));
        Assert.Equal("a=4 b=3", store.Dump(4));
        Assert.Equal((RangeOutcome.Future, 4L), (store.Range(revision: 5).Outcome, store.Range(revision: 5).Revision));

        await store.Store.CompactAsync(3, TestContext.Current.CancellationToken);
        Assert.Equal((RangeOutcome.Compacted, 3L), (store.Range(revision: 2).Outcome, store.Range(revision: 2).Revision));
        Assert.Equal(RangeOutcome.Compacted, store.Range("a", null, revision: 2).Outcome);
        Assert.Equal("b=3", store.Dump(3));
        Assert.Equal("a=4 b=3", store.Dump());
        Assert.Equal(3, store.Status.Compacted);
    }

    [Fact]
    public async Task A_long_range_is_one_state_while_writes_go_on()
    {
        var settings = OpenedStore.Small with { SegmentBytes = 1 << 20, SnapshotBytes = 1 << 20, HistoryRevisions = 200 };
        await using var store = new OpenedStore(new SimulatedDisk(), settings);
        const int Keys = 10_000;
        for (var i = 0; i < Keys; i += 1000)
        {
            var from = i;
            await store.CommitAsync([.. Enumerable.Range(from, 1000).Select(k => Set($"k{k:d6}", "0"))]);
        }

        // Each commit moves one from the first key to the last; every state adds up to zero.
        var stop = new CancellationTokenSource();
        var writing = Task.Run(
            async () =>
            {
                for (var i = 1; !stop.IsCancellationRequested; i++)
                {
                    await store.CommitAsync(Set("k000000", $"{-i}"), Set($"k{Keys - 1:d6}", $"{i}"));
                }
            },
            TestContext.Current.CancellationToken);
        for (var i = 0; i < 50; i++)
        {
            var range = store.Range();
            Assert.Equal(Keys, range.Count);
            Assert.Equal(0, range.Entries.Sum(e => int.Parse(Text(e.Value))));
        }

        await stop.CancelAsync();
        await writing;
    }
}
