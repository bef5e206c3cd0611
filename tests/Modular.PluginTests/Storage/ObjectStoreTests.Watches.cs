using Modular.Abstractions;

namespace Modular.PluginTests;

/// <content>Watches, and what compaction and restarts mean to them.</content>
public abstract partial class ObjectStoreTests
{
    /// <summary>A watch says first that it is established, then tells the past it was asked for, and then what comes.</summary>
    [Fact]
    public async Task AWatchIsEstablishedThenTellsThePastAndWhatComes()
    {
        await CommitAsync(Set("a", "1"));
        await CommitAsync(Set("b", "2"));
        await using var watch = Watch(revision: 2);
        Assert.Equal(1, (await watch.EstablishAsync()).Revision);
        Assert.Equal("2:b=2", Line(await watch.ReadToAsync(2)));
        await CommitAsync(Remove("a"), Set("b", "3"));
        var changes = await watch.ReadToAsync(3);
        Assert.Equal(["3:a=-", "3:b=3"], changes!.Select(change => Line([change])).Order(StringComparer.Ordinal));
        Assert.Equal([1, 2], changes!.OrderBy(change => change.Key, StringComparer.Ordinal).Select(change => change.CreateRevision));
    }

    /// <summary>From revision 0 a watch tells only what comes.</summary>
    [Fact]
    public async Task FromZeroOnlyWhatComesIsTold()
    {
        await CommitAsync(Set("a", "1"));
        await using var watch = Watch();
        Assert.Equal(1, (await watch.EstablishAsync()).Revision);
        await CommitAsync(Set("a", "2"));
        Assert.Equal("2:a=2", Line(await watch.ReadToAsync(2)));
    }

    /// <summary>A watch from the future does not tell what is before it.</summary>
    [Fact]
    public async Task FromTheFutureNothingBeforeIsTold()
    {
        await using var watch = Watch(revision: 3);
        await watch.EstablishAsync();
        for (var i = 1; i <= 3; i++)
        {
            await CommitAsync(Set("a", $"{i}"));
        }

        Assert.Equal("3:a=3", Line(await watch.ReadToAsync(3)));
    }

    /// <summary>Changes carry the value before them if that was asked for, and if there was one.</summary>
    [Fact]
    public async Task PreviousValuesComeWhereAskedFor()
    {
        await CommitAsync(Set("a", "1"));
        await CommitAsync(Set("a", "2"));
        await CommitAsync(Remove("a"));
        await CommitAsync(Set("a", "3"));
        await using var with = Watch(revision: 1, withPrevious: true);
        await using var without = Watch(revision: 1);
        var changes = await with.ReadToAsync(4);
        Assert.Equal([null, "1", "2", null], changes!.Select(change => change.Previous is { } previous ? Text(previous) : null));
        Assert.Equal([1, 1, 1, 4], changes!.Select(change => change.CreateRevision));
        Assert.All((await without.ReadToAsync(4))!, change => Assert.Null(change.Previous));
    }

    /// <summary>A watch tells of the keys of its range, and of none else.</summary>
    [Fact]
    public async Task AWatchHearsOfItsKeysOnly()
    {
        await using var watch = Watch(from: "b", to: "c");
        await watch.EstablishAsync();
        await CommitAsync(Set("a", "1"), Set("c", "1"), Set("bb", "1"));
        await CommitAsync(Set("a", "2"));
        await CommitAsync(Set("c", "3"), Set("b", "3"));
        Assert.Equal("1:bb=1 3:b=3", Line(await watch.ReadToAsync(3)));
    }

    /// <summary>A consumer that is behind may get many commits at once, but never a part of one.</summary>
    [Fact]
    public async Task NoBatchHoldsPartOfACommit()
    {
        await using var watch = Watch();
        await watch.EstablishAsync();
        for (var commit = 0; commit < 50; commit++)
        {
            await CommitAsync([.. Enumerable.Range(0, 30 + commit).Select(key => Set($"k{key}", $"{commit}"))]);
        }

        var seen = 0;
        for (var known = 0L; known < 50;)
        {
            var batch = await watch.NextAsync();
            Assert.NotNull(batch);
            Assert.True(batch.Kind != StoreWatchKind.Changes || batch.Changes[0].Revision > known, $"revision {known} came in two parts");
            known = batch.Kind == StoreWatchKind.Changes ? batch.Changes[^1].Revision : known;
            seen += batch.Changes.Count;
        }

        Assert.Equal(Enumerable.Range(0, 50).Sum(commit => 30 + commit), seen);
    }

    /// <summary>A watch that is cancelled while it waits ends.</summary>
    [Fact]
    public async Task ACancelledWatchEnds()
    {
        using var cancel = new CancellationTokenSource();
        await using var watch = Store.WatchAsync(new StoreWatchRequest { From = "", To = Everything }, cancel.Token).GetAsyncEnumerator(cancel.Token);
        Assert.True(await watch.MoveNextAsync());
        var next = watch.MoveNextAsync().AsTask();
        await cancel.CancelAsync();
        await CommitAsync(Set("a", "1"));
        var ended = await Record.ExceptionAsync(async () => Assert.False(await next, "a change was told after the watch was cancelled"));
        Assert.True(ended is null or OperationCanceledException, ended?.Message);
    }

    /// <summary>Four consumers that are cut all the time and go on from what they saw last see each change of eight writers once and in order.</summary>
    [Fact]
    public async Task CutWatchesSeeEachChangeOnceInOrder()
    {
        const int Rounds = 15, Writers = 8, Commits = 10;
        List<StoreChange>[] seen = [[], [], [], []];
        async Task ReadAsync(int reader, long known, long last, Random random)
        {
            while (known < last)
            {
                await using var watch = Watch(revision: known + 1);
                for (var batches = random.Next(1, 20); batches > 0 && watch.Known < last; batches--)
                {
                    var batch = await watch.NextAsync();
                    Assert.NotNull(batch);
                    Assert.NotEqual(StoreWatchKind.Compacted, batch.Kind);
                    seen[reader].AddRange(batch.Changes);
                }

                known = watch.Known;
                if (random.Next(2) == 0)
                {
                    await watch.CutAsync();
                }
            }
        }

        async Task WriteAsync(int writer, int round)
        {
            for (var i = 0; i < Commits; i++)
            {
                await CommitAsync(Set($"w{writer}", $"{(round * Commits) + i}"));
            }
        }

        Random[] randoms = [.. Enumerable.Range(0, seen.Length).Select(reader => new Random(reader))];

        // In rounds, so that nobody falls further behind than the history that every store keeps.
        for (var round = 0; round < Rounds; round++)
        {
            var known = (long)round * Writers * Commits;
            await Task.WhenAll(
            [
                .. seen.Select((_, reader) => Task.Run(() => ReadAsync(reader, known, known + (Writers * Commits), randoms[reader]), Token)),
                .. Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer, round), Token)),
            ]);
        }

        Assert.All(seen, changes =>
        {
            Assert.Equal(Enumerable.Range(1, Rounds * Writers * Commits).Select(revision => (long)revision), changes.Select(change => change.Revision));
            Assert.All(changes.GroupBy(change => change.Key), writer =>
                Assert.Equal(Enumerable.Range(0, Rounds * Commits).Select(i => $"{i}"), writer.Select(change => Text(change.Value!.Value))));
        });
    }

    /// <summary>Compaction forgets the past before a revision, and neither the present nor anything since.</summary>
    [Fact]
    public async Task CompactionForgetsThePastOnly()
    {
        await CommitAsync(Set("old", "1"));
        await CommitAsync(Set("a", "2"));
        await CommitAsync(Set("a", "3"));
        await CommitAsync(Set("b", "4"));
        await StoreCompaction.CompactAsync(Store, 3, Token);
        var past = await RangeAsync(revision: 2);
        Assert.Equal((RangeOutcome.Compacted, 3L, 0), (past.Outcome, past.Revision, past.Entries.Count));
        Assert.Equal(RangeOutcome.Compacted, (await RangeAsync("a", null, revision: 2)).Outcome);
        Assert.Equal(["a=3 old=1", "a=3 b=4 old=1"], [await DumpAsync(3), await DumpAsync()]);

        await StoreCompaction.CompactAsync(Store, long.MaxValue, Token);
        await Store.CompactAsync(1, Token);
        Assert.Equal(4, (await Store.GetStatusAsync(Token)).Compacted);
        Assert.Equal("a=3 b=4 old=1", await DumpAsync());
        await using var watch = Watch(revision: 5);
        await watch.EstablishAsync();
        await CommitAsync(Set("a", "5"));
        Assert.Equal("5:a=5", Line(await watch.ReadToAsync(5)));
    }

    /// <summary>A watch from a revision that is compacted is told so, and ends.</summary>
    [Fact]
    public async Task ACompactedBeginningEndsAWatch()
    {
        for (var i = 0; i < 4; i++)
        {
            await CommitAsync(Set("a", $"{i}"));
        }

        await StoreCompaction.CompactAsync(Store, 3, Token);
        await using var compacted = Watch(revision: 2);
        var batch = await compacted.NextAsync();
        Assert.Equal((StoreWatchKind.Compacted, 3L), (batch?.Kind, batch?.Revision));
        Assert.Null(await compacted.NextAsync());
        await using var kept = Watch(revision: 3);
        Assert.Equal("3:a=2 4:a=3", Line(await kept.ReadToAsync(4)));
    }

    /// <summary>A watch that compaction overtakes tells everything all the same, or that it cannot; it leaves nothing out.</summary>
    [Fact]
    public async Task AWatchThatCompactionOvertakesLeavesNothingOut()
    {
        await using var watch = Watch();
        await watch.EstablishAsync();
        for (var i = 1; i <= 4; i++)
        {
            await CommitAsync(Set("a", $"{i}"));
        }

        await StoreCompaction.CompactAsync(Store, 3, Token);
        Assert.Contains(Line(await watch.ReadToAsync(4)), new[] { "compacted", "1:a=1 2:a=2 3:a=3 4:a=4" });
    }

    /// <summary>What was acknowledged is there when the store is opened again, after a crash too, and revisions and watches go on.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task WhatWasAcknowledgedSurvives(int crash)
    {
        await CommitAsync(Set("a", "1"), Set("gone", "1"));
        await CommitAsync(Set("b", "2"), Remove("gone"));
        await CommitAsync(Set("a", "3"));
        _store = await ReopenAsync(crash == 1);
        Assert.Equal(3, (await Store.GetStatusAsync(Token)).Current);
        Assert.Equal("a=3@1-3 b=2@2-2", string.Join(' ', (await RangeAsync()).Entries.Select(ObjectStoreModel.Text)));

        await using var watch = Watch(revision: 4);
        await watch.EstablishAsync();
        Assert.Equal((CommitOutcome.Committed, 4L), Outcome(await CommitIfAsync(new CommitGuard("a", 3), Set("a", "4"))));
        Assert.Equal((CommitOutcome.Committed, 5L), Outcome(await CommitIfAsync(new CommitGuard("gone", 0), Set("gone", "5"))));
        Assert.Equal("4:a=4 5:gone=5", Line(await watch.ReadToAsync(5)));
        await using var past = Watch(revision: 2);
        Assert.Contains(Line((await past.ReadToAsync(5))?.OrderBy(change => change.Revision).ThenBy(change => change.Key, StringComparer.Ordinal)), new[] { "compacted", "2:b=2 2:gone=- 3:a=3 4:a=4 5:gone=5" });
    }
}
