using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class HistoryTests
{
    private static readonly StoreSettings Roomy = Small with { SegmentBytes = 1 << 20, SnapshotBytes = 1 << 20 };

    [Fact]
    public async Task History_is_bounded_by_revisions()
    {
        await using var store = new OpenedStore(new SimulatedDisk(), Roomy with { HistoryRevisions = 100 });
        for (var i = 0; i < 500; i++)
        {
            await store.SetAsync("a", $"{i}");
            Assert.InRange(store.Status.Current - store.Status.Compacted, 0, 101);
        }

        await Settled(store);
        Assert.InRange(store.Store.HistoryChanges, 80, 101);
    }

    [Fact]
    public async Task History_is_bounded_by_bytes()
    {
        await using var store = new OpenedStore(new SimulatedDisk(), Roomy with { HistoryBytes = 10_000 });
        for (var i = 0; i < 100; i++)
        {
            await store.SetAsync("a", new string('x', 1000));
        }

        await Settled(store);
        Assert.InRange(store.Store.HistoryBytes, 5000, 11_000);
        Assert.Equal(100, store.Range("a", null).Entries[0].ModRevision);
    }

    [Fact]
    public async Task History_is_bounded_by_age_even_when_nothing_more_is_written()
    {
        await using var store = new OpenedStore(new SimulatedDisk(), Roomy with { HistoryMinutes = 10 });
        await store.SetAsync("old", "1");
        await store.SetAsync("old", "2");
        await Settled(store);
        store.Time.Advance(TimeSpan.FromMinutes(6));
        await store.SetAsync("new", "1");
        await Settled(store);
        Assert.Equal(1, store.Status.Compacted);

        store.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.InRange(store.Status.Compacted, 2, 4);
        store.Time.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(store.Status.Current, store.Status.Compacted);
        Assert.Equal(CountOfLastCommit, store.Store.HistoryChanges);
    }

    [Fact]
    public async Task Deleted_keys_are_forgotten_with_their_history()
    {
        await using var store = new OpenedStore(new SimulatedDisk(), Roomy);
        await store.SetAsync("a", "1");
        await store.RemoveAsync("a");
        await store.SetAsync("b", "1");
        Assert.Equal(2, store.Store.Keys);

        await store.Store.CompactAsync(3, TestContext.Current.CancellationToken);

        Assert.Equal(1, store.Store.Keys);
        Assert.Equal(CommitOutcome.Committed, (await store.CommitIfAsync("a", 0, Set("a", "2"))).Outcome);
        Assert.Equal("a=2 b=1", store.Dump());
    }

    // Bounds are kept after a batch is answered; a commit that changes nothing is answered after that.
    private const int CountOfLastCommit = 1;

    private static Task<CommitResult> Settled(OpenedStore store) => store.CommitIfAsync("settled", 1, Set("settled", ""));
}
