using Modular.Plugins.StoreEmbedded.Files;
using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class FlushFailureTests
{
    [Fact]
    public async Task A_failed_flush_is_fatal_and_never_tried_again()
    {
        var disk = new SimulatedDisk();
        await using var store = new OpenedStore(disk);
        await store.SetAsync("a", "1");
        var flushes = 0;
        disk.BeforeStep = (step, name) =>
        {
            if (step == DiskStep.Sync && Interlocked.Increment(ref flushes) == 1)
            {
                throw new FlushFailedException("cannot flush the log: Input/output error", 5);
            }
        };

        Assert.Equal(CommitOutcome.Unknown, (await store.SetAsync("a", "2")).Outcome);

        Assert.Contains("Input/output error", await store.Fatal, StringComparison.Ordinal);
        Assert.Equal(CommitOutcome.Unknown, (await store.SetAsync("a", "3")).Outcome);
        Assert.Equal((1L, false, "a=1", 1), (store.Status.Current, store.Status.Writable, store.Dump(), flushes));
    }

    [Fact]
    public async Task All_that_waits_is_answered_unknown()
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
                throw new FlushFailedException("broken", 5);
            }
        };
        var first = store.SetAsync("first", "");
        await flushing.WaitAsync(TestContext.Current.CancellationToken);
        // More than one batch.
        var waiting = Enumerable.Range(0, 3000).Select(i => store.SetAsync($"k{i}", "")).ToList();

        flush.Release();

        Assert.Equal(CommitOutcome.Unknown, (await first).Outcome);
        Assert.All(await Task.WhenAll(waiting), result => Assert.Equal(CommitOutcome.Unknown, result.Outcome));
        Assert.Equal(0, store.Status.Current);
    }

    [Fact]
    public async Task A_failed_write_to_the_log_is_fatal_too()
    {
        var disk = new SimulatedDisk();
        await using var store = new OpenedStore(disk);
        disk.BeforeStep = (step, name) =>
        {
            if (step == DiskStep.Write && name.StartsWith("preparing", StringComparison.Ordinal))
            {
                // The name that the first segment was opened under.
                throw new IOException("broken", 5);
            }
        };

        Assert.Equal(CommitOutcome.Unknown, (await store.SetAsync("a", "2")).Outcome);
        await store.Fatal;
    }

    [Fact]
    public async Task A_failed_flush_of_a_snapshot_is_fatal()
    {
        var disk = new SimulatedDisk();
        await using var store = new OpenedStore(disk, Small with { HistoryRevisions = 5 });
        disk.BeforeStep = (step, name) =>
        {
            if (step == DiskStep.Sync && name == "writing-snapshot")
            {
                throw new FlushFailedException("broken", 5);
            }
        };
        for (var i = 0; i < 1000 && !store.Fatal.IsCompleted; i++)
        {
            await store.SetAsync($"k{i % 10}", new string('x', 500));
        }

        Assert.Contains("broken", await store.Fatal, StringComparison.Ordinal);
        await store.DisposeAsync();
        disk.BeforeStep = null;
        Assert.DoesNotContain(disk.List(), name => name.StartsWith("snapshot-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_flush_of_the_next_segment_is_fatal()
    {
        var disk = new SimulatedDisk();
        await using var store = new OpenedStore(disk);
        disk.BeforeStep = (step, name) =>
        {
            if (step == DiskStep.SyncDirectory)
            {
                throw new FlushFailedException("broken", 5);
            }
        };
        CommitResult result;
        var acknowledged = 0L;
        do
        {
            result = await store.SetAsync("a", new string('x', 500));
            acknowledged = result.Outcome == CommitOutcome.Committed ? result.Revision : acknowledged;
        }
        while (result.Outcome == CommitOutcome.Committed);

        Assert.Equal(CommitOutcome.Unknown, result.Outcome);
        await store.Fatal;
        await using var again = new OpenedStore(disk.AfterKill());
        Assert.Equal(acknowledged, again.Status.Current);
    }
}
