using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class CommitTests
{
    [Fact]
    public async Task Deleting_what_is_not_there_is_a_commit_without_changes()
    {
        await using var store = new OpenedStore(new SimulatedDisk());

        var result = await store.RemoveAsync("a");

        Assert.Equal((CommitOutcome.Committed, 1L), (result.Outcome, result.Revision));
        await using var watch = store.Watch(revision: 1);
        Assert.Equal((StoreWatchKind.Progress, 0L), ((await watch.NextAsync()).Kind, watch.Current.Revision));
        Assert.Equal((StoreWatchKind.Progress, 1L), ((await watch.NextAsync()).Kind, watch.Current.Revision));
    }

    [Fact]
    public async Task Values_that_are_too_large_together_for_a_segment_are_refused()
    {
        await using var store = new OpenedStore(new SimulatedDisk());

        var whole = await store.CommitAsync(Set("a", new string('x', 2048)), Set("b", new string('x', 2048)));

        Assert.Equal((CommitOutcome.TooLarge, 2048L), (whole.Outcome, whole.Limit));
    }

    [Fact]
    public async Task What_is_not_flushed_is_not_visible()
    {
        var disk = new SimulatedDisk();
        await using var store = new OpenedStore(disk);
        using var flushing = new SemaphoreSlim(0);
        using var flush = new SemaphoreSlim(0);
        await using var watch = store.Watch();
        await watch.NextAsync();
        disk.BeforeStep = (step, _) =>
        {
            if (step == DiskStep.Sync)
            {
                flushing.Release();
                flush.Wait();
            }
        };

        var commit = store.SetAsync("a", "1");
        await flushing.WaitAsync(TestContext.Current.CancellationToken);
        var batch = watch.NextAsync();
        Assert.Equal((0L, "", false, false), (store.Status.Current, store.Dump(), commit.IsCompleted, batch.IsCompleted));

        flush.Release();
        Assert.Equal(1, (await commit).Revision);
        Assert.Equal("1:a=1", (await batch).Changes[0].Text());
        disk.BeforeStep = null;
    }

    [Fact]
    public async Task Commits_of_one_batch_see_each_other_and_conflicts_tell_what_is_on_disk()
    {
        var disk = new SimulatedDisk();
        await using var store = new OpenedStore(disk);
        using var flushing = new SemaphoreSlim(0);
        using var flush = new SemaphoreSlim(0);
        disk.BeforeStep = (step, _) =>
        {
            if (step == DiskStep.Sync)
            {
                flushing.Release();
                flush.Wait();
            }
        };

        var first = store.SetAsync("first", "");
        await flushing.WaitAsync(TestContext.Current.CancellationToken);
        // These gather while the first is flushed and share the second flush.
        var create = store.CommitIfAsync("a", 0, Set("a", "1"));
        var again = store.CommitIfAsync("a", 0, Set("a", "2"));
        var follow = store.CommitIfAsync("a", 2, Set("b", "1"));
        flush.Release();
        await first;
        await flushing.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(again.IsCompleted);
        flush.Release();

        Assert.Equal(2, (await create).Revision);
        var conflict = await again;
        Assert.Equal((CommitOutcome.Conflict, 2L), (conflict.Outcome, conflict.Current!.Value.ModRevision));
        Assert.Equal(3, (await follow).Revision);
        disk.BeforeStep = null;
    }

    [Fact]
    public async Task A_store_that_stopped_does_not_know()
    {
        var store = new OpenedStore(new SimulatedDisk());
        await store.SetAsync("a", "1");
        await store.DisposeAsync();

        Assert.Equal(CommitOutcome.Unknown, (await store.SetAsync("a", "2")).Outcome);
        Assert.Equal("a=1", store.Dump());
    }
}
