using System.Text;
using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class CommitTests
{
    [Fact]
    public async Task Revisions_count_commits_from_one()
    {
        await using var store = new OpenedStore(new SimulatedDisk());

        Assert.Equal(0, store.Status.Current);
        Assert.Equal(1, (await store.CommitAsync(Set("a", "1"), Set("b", "1"))).Revision);
        Assert.Equal(2, (await store.SetAsync("a", "2")).Revision);
        Assert.Equal(2, store.Status.Current);
        Assert.Equal("a=2 b=1", store.Dump());
        var a = store.Range("a", null).Entries[0];
        Assert.Equal((1, 2), (a.CreateRevision, a.ModRevision));
    }

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
    public async Task A_key_that_was_deleted_begins_anew()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await store.SetAsync("a", "1");
        await store.RemoveAsync("a");

        Assert.Equal(CommitOutcome.Committed, (await store.CommitIfAsync("a", 0, Set("a", "2"))).Outcome);
        Assert.Equal(3, store.Range("a", null).Entries[0].CreateRevision);
    }

    [Fact]
    public async Task A_guard_that_fails_answers_the_entry_and_does_nothing()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        await store.SetAsync("a", "1");

        var conflict = await store.CommitIfAsync("a", 0, Set("b", "1"));

        Assert.Equal((CommitOutcome.Conflict, 1L), (conflict.Outcome, conflict.Revision));
        Assert.Equal(("a", "1", 1L), (conflict.Current!.Value.Key, Text(conflict.Current.Value.Value), conflict.Current.Value.ModRevision));
        Assert.Null((await store.CommitIfAsync("c", 5, Set("b", "1"))).Current);
        Assert.Equal("a=1", store.Dump());
        Assert.Equal(1, store.Status.Current);
    }

    [Fact]
    public async Task Too_large_a_key_or_value_is_an_outcome_with_the_limit()
    {
        await using var store = new OpenedStore(new SimulatedDisk());

        var value = await store.SetAsync("a", new string('x', 2049));
        var key = await store.SetAsync(new string('k', 1025), "");
        var whole = await store.CommitAsync(Set("a", new string('x', 2048)), Set("b", new string('x', 2048)));

        Assert.Equal((CommitOutcome.TooLarge, 2048L), (value.Outcome, value.Limit));
        Assert.Equal(CommitOutcome.TooLarge, key.Outcome);
        Assert.Equal(CommitOutcome.TooLarge, whole.Outcome);
        Assert.Equal(CommitOutcome.Committed, (await store.SetAsync(new string('k', 1024), new string('x', 2048))).Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\u007f")]
    [InlineData("ä")]
    public async Task A_key_must_be_printable(string key)
    {
        await using var store = new OpenedStore(new SimulatedDisk());

        await Assert.ThrowsAsync<ArgumentException>(() => store.SetAsync(key, "1"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public async Task No_key_may_come_twice(int operations)
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        var all = Enumerable.Range(0, operations - 1).Select(i => Set($"k{i}", "")).Append(Remove("k0")).ToArray();

        await Assert.ThrowsAsync<ArgumentException>(() => store.CommitAsync(all));
        await Assert.ThrowsAsync<ArgumentException>(() => store.CommitAsync());
    }

    [Fact]
    public async Task A_value_is_the_stores_own_and_may_be_empty()
    {
        await using var store = new OpenedStore(new SimulatedDisk());
        var bytes = Encoding.UTF8.GetBytes("1");

        await store.CommitAsync(new CommitOperation("a", bytes), Set("empty", ""));
        bytes[0] = (byte)'2';

        Assert.Equal("a=1 empty=", store.Dump());
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

    [Fact]
    public async Task Counters_that_many_increment_under_guards_lose_nothing()
    {
        await using var store = new OpenedStore(new SimulatedDisk(), OpenedStore.Small with { SegmentBytes = 1 << 20, SnapshotBytes = 1 << 20 });
        const int Writers = 16, Increments = 100, Counters = 4;

        async Task IncrementAsync(int writer)
        {
            for (var i = 0; i < Increments; i++)
            {
                var key = $"counter-{(writer + i) % Counters}";
                while (true)
                {
                    var found = store.Range(key, null).Entries;
                    var value = found.Count == 0 ? 0 : int.Parse(Text(found[0].Value));
                    var result = await store.CommitIfAsync(key, found.Count == 0 ? 0 : found[0].ModRevision, Set(key, $"{value + 1}"));
                    if (result.Outcome == CommitOutcome.Committed)
                    {
                        break;
                    }

                    Assert.Equal(CommitOutcome.Conflict, result.Outcome);
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => IncrementAsync(writer))));

        Assert.Equal(Writers * Increments, store.Range().Entries.Sum(e => int.Parse(Text(e.Value))));
        Assert.Equal(Writers * Increments, store.Status.Current);
    }
}
