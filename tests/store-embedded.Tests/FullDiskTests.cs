using Modular.Plugins.StoreEmbedded.Files;
using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class FullDiskTests
{
    [Fact]
    public async Task A_full_disk_refuses_writes_keeps_reads_and_heals_by_itself()
    {
        var disk = new SimulatedDisk { Space = 2 * 4096 };
        await using var store = new OpenedStore(disk);
        await using var watch = store.Watch();
        await watch.NextAsync();
        var written = await FillAsync(store);

        Assert.InRange(written, 10, 20);
        Assert.False(store.Status.Writable);
        Assert.Equal(written, store.Range().Count);
        Assert.Equal(written, (await watch.ReadToAsync(written)).Count);
        Assert.Equal(CommitOutcome.NoSpace, (await store.SetAsync("small", "x")).Outcome);
        Assert.False(store.Fatal.IsCompleted);
        Assert.DoesNotContain("preparing", disk.List());

        // Nobody has to write for it to notice, and not before a pause is over.
        disk.Space = 20 * 4096;
        Assert.Equal(CommitOutcome.NoSpace, (await store.SetAsync("small", "x")).Outcome);
        store.Time.Advance(TimeSpan.FromSeconds(1));
        await UntilWritableAsync(store);
        var result = await store.SetAsync("small", "x");
        Assert.Equal((CommitOutcome.Committed, written + 1), (result.Outcome, result.Revision));
    }

    [Fact]
    public async Task It_tries_again_until_there_is_space()
    {
        var disk = new SimulatedDisk { Space = 4096 };
        await using var store = new OpenedStore(disk);
        var written = await FillAsync(store);
        for (var i = 0; i < 3; i++)
        {
            var tries = new TaskCompletionSource();
            disk.BeforeStep = (step, _) =>
            {
                if (step == DiskStep.Create)
                {
                    tries.TrySetResult();
                }
            };
            // The attempt before is over when the store answers; its timer is set by then.
            Assert.Equal(CommitOutcome.NoSpace, (await store.SetAsync("small", "x")).Outcome);
            store.Time.Advance(TimeSpan.FromSeconds(1));
            await tries.Task;
        }

        Assert.Equal(CommitOutcome.NoSpace, (await store.SetAsync("small", "x")).Outcome);
        disk.Space = 20 * 4096;
        store.Time.Advance(TimeSpan.FromSeconds(1));
        await UntilWritableAsync(store);
        Assert.Equal(written + 1, (await store.SetAsync("small", "x")).Revision);
    }

    [Fact]
    public async Task A_store_on_a_full_disk_starts_and_serves_what_it_has()
    {
        var disk = new SimulatedDisk { Space = 4096 };
        long written;
        await using (var store = new OpenedStore(disk))
        {
            written = await FillAsync(store);
        }

        disk = disk.AfterKill();
        disk.Space = 0;
        await using var again = new OpenedStore(disk);

        Assert.Equal(written, again.Range().Count);
        Assert.Equal(CommitOutcome.NoSpace, (await again.SetAsync("a", new string('x', 2000))).Outcome);
    }

    [Fact]
    public async Task A_snapshot_without_space_leaves_nothing_behind_and_the_log_whole()
    {
        var disk = new SimulatedDisk();
        await using (var store = new OpenedStore(disk, Small with { HistoryRevisions = 5, SnapshotBytes = 1 << 30 }))
        {
            for (var i = 0; i < 40; i++)
            {
                await store.SetAsync($"k{i}", new string('x', 500));
            }

            disk.BeforeStep = (step, name) =>
            {
                if (step == DiskStep.Write && name == "writing-snapshot")
                {
                    throw new IOException("no space left", DiskFull.NoSpace);
                }
            };
            Assert.Throws<IOException>(store.Store.Snapshot);
            Assert.DoesNotContain("writing-snapshot", disk.List());
            Assert.Equal(CommitOutcome.Committed, (await store.SetAsync("last", "x")).Outcome);
        }

        await using var again = new OpenedStore(disk.AfterKill());
        Assert.Equal(41, again.Range().Count);
    }

    private static async Task<long> FillAsync(OpenedStore store)
    {
        for (var i = 0L; ; i++)
        {
            var result = await store.SetAsync($"k{i:d3}", new string('x', 400));
            if (result.Outcome == CommitOutcome.NoSpace)
            {
                Assert.Equal(i, result.Revision);
                return i;
            }

            Assert.Equal(CommitOutcome.Committed, result.Outcome);
        }
    }

    // The writer notices on its own thread; a commit that is refused waits for it.
    private static async Task UntilWritableAsync(OpenedStore store)
    {
        var refused = 0;
        while (!store.Status.Writable)
        {
            Assert.True(refused++ < 1000, "writes stay refused");
            await store.CommitIfAsync("nothing", 1, Set("nothing", ""));
        }
    }
}
