using System.Globalization;
using System.Text;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <content>Commits.</content>
public abstract partial class ObjectStoreTests
{
    /// <summary>Each commit has the revision after the one before, whatever it does.</summary>
    [Fact]
    public async Task RevisionsCountCommitsFromOne()
    {
        Assert.Equal((CommitOutcome.Committed, 1L), Outcome(await CommitAsync(Set("a", "1"), Set("b", "1"))));
        Assert.Equal((CommitOutcome.Committed, 2L), Outcome(await CommitAsync(Set("a", "2"))));
        Assert.Equal((CommitOutcome.Conflict, 2L), Outcome(await CommitIfAsync(new CommitGuard("a", 1), Set("a", "3"))));
        Assert.Equal((CommitOutcome.Committed, 3L), Outcome(await CommitAsync(Remove("b"))));
        var entry = Assert.Single((await RangeAsync()).Entries);
        Assert.Equal(("a", "2", 1L, 2L), (entry.Key, Text(entry.Value), entry.CreateRevision, entry.ModRevision));
    }

    /// <summary>If a guard does not hold, the answer is the entry that it is about, and nothing is done.</summary>
    [Fact]
    public async Task AGuardThatFailsAnswersTheEntryAndNothingIsDone()
    {
        await CommitAsync(Set("a", "1"));
        await CommitAsync(Set("other", ""));
        CommitGuard[] guards = [new("other", 2), new("a", 0), new("none", 7)];
        var conflict = await Store.CommitAsync(new CommitRequest { Guards = guards, Operations = [Set("b", "1"), Remove("a")] }, Token);
        Assert.Equal((CommitOutcome.Conflict, 2L), Outcome(conflict));
        Assert.NotNull(conflict.Current);
        Assert.Equal(("a", "1", 1L), (conflict.Current.Value.Key, Text(conflict.Current.Value.Value), conflict.Current.Value.ModRevision));
        Assert.Null((await CommitIfAsync(new CommitGuard("none", 5), Set("b", "1"))).Current);
        Assert.Equal("a=1 other=", await DumpAsync());
        Assert.Equal(2, (await Store.GetStatusAsync(Token)).Current);
    }

    /// <summary>Between the look at the guards and the writing nobody else writes: counters that many increment lose nothing.</summary>
    [Fact]
    public async Task GuardsHoldWhenManyWrite()
    {
        const int Writers = 8, Increments = 50;
        async Task IncrementAsync(int writer)
        {
            for (var done = 0; done < Increments;)
            {
                var key = $"counter-{(writer + done) % 2}";
                var found = (await RangeAsync(key, null)).Entries;
                var value = found.Count == 0 ? 0 : int.Parse(Text(found[0].Value), CultureInfo.InvariantCulture);
                var result = await CommitIfAsync(new CommitGuard(key, found.Count == 0 ? 0 : found[0].ModRevision), Set(key, $"{value + 1}"));
                Assert.True(result.Outcome is CommitOutcome.Committed or CommitOutcome.Conflict, $"the outcome is {result.Outcome}");
                done += result.Outcome == CommitOutcome.Committed ? 1 : 0;
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => IncrementAsync(writer), Token)));
        var counters = (await RangeAsync()).Entries;
        Assert.Equal(Writers * Increments, counters.Sum(entry => int.Parse(Text(entry.Value), CultureInfo.InvariantCulture)));
        Assert.Equal(Writers * Increments, (await Store.GetStatusAsync(Token)).Current);
    }

    /// <summary>Deleting what is not there is a commit that changes nothing.</summary>
    [Fact]
    public async Task DeletingWhatIsNotThereChangesNothing()
    {
        Assert.Equal((CommitOutcome.Committed, 1L), Outcome(await CommitAsync(Remove("a"))));
        await CommitAsync(Set("b", "1"));
        await using var watch = Watch(revision: 1);
        Assert.Equal("2:b=1", Line(await watch.ReadToAsync(2)));
        Assert.Equal("b=1", await DumpAsync());
    }

    /// <summary>A key that was deleted comes into being anew.</summary>
    [Fact]
    public async Task AKeyThatWasDeletedBeginsAnew()
    {
        await CommitAsync(Set("a", "1"));
        await CommitAsync(Remove("a"));
        Assert.Equal((CommitOutcome.Committed, 3L), Outcome(await CommitIfAsync(new CommitGuard("a", 0), Set("a", "2"))));
        Assert.Equal(3, Assert.Single((await RangeAsync("a", null)).Entries).CreateRevision);
    }

    /// <summary>
    /// A value beyond what the store takes is refused with the most that it does, and so is a key of more than 1,024 characters; those just
    /// as large are taken.
    /// </summary>
    [Fact]
    public async Task WhatIsTooLargeIsRefusedWithTheLimit()
    {
        var key = new string('k', 1024);
        var refused = await CommitAsync(Set(key + "k", ""));
        Assert.Equal(CommitOutcome.TooLarge, refused.Outcome);
        Assert.InRange(refused.Limit, 1, 1 << 28);
        var value = new byte[refused.Limit + 1];
        var tooLarge = await CommitAsync(Set("b", "1"), new CommitOperation("a", value));
        Assert.Equal((CommitOutcome.TooLarge, 0L, refused.Limit), (tooLarge.Outcome, tooLarge.Revision, tooLarge.Limit));
        Assert.Equal("", await DumpAsync());
        Assert.Equal((CommitOutcome.Committed, 1L), Outcome(await CommitAsync(new CommitOperation(key, value.AsMemory(1)))));
        Assert.Equal(refused.Limit, Assert.Single((await RangeAsync(key, null)).Entries).Value.Length);
    }

    /// <summary>A key that is none is refused, and nothing of its commit is done.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("\0")]
    [InlineData("a\u007f")]
    [InlineData("ä")]
    [InlineData("\ud800")]
    [InlineData("\uffff")]
    public async Task WhatIsNoKeyIsRefused(string key)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => CommitAsync(Set("a", "1"), Set(key, "1")));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => CommitAsync(Set("a", "1"), Remove(key)));
        Assert.Equal((CommitOutcome.Committed, 1L), Outcome(await CommitAsync(Set("b", "1"))));
        Assert.Equal("b=1", await DumpAsync());
    }

    /// <summary>A commit does something, and nothing twice.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public async Task ACommitNamesAKeyOnce(int operations)
    {
        CommitOperation[] twice = [.. Enumerable.Range(0, operations - 1).Select(i => Set($"k{i}", "")), Remove("k0")];
        await Assert.ThrowsAnyAsync<ArgumentException>(() => CommitAsync(twice));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => CommitAsync());
        Assert.Equal(0, (await Store.GetStatusAsync(Token)).Current);
        Assert.Equal("", await DumpAsync());
    }

    /// <summary>Values are bytes of any kind and length; what the caller does with its memory afterwards does not matter.</summary>
    [Fact]
    public async Task ValuesAreTheStoresOwn()
    {
        var bytes = Encoding.UTF8.GetBytes("1");
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        await CommitAsync(new CommitOperation("a", bytes), Set("empty", ""), new CommitOperation("z", all));
        bytes[0] = (byte)'2';
        var entries = (await RangeAsync()).Entries;
        Assert.Equal("a=1 empty=", Line(entries.Take(2)));
        Assert.Equal(all, entries[2].Value.ToArray());
    }

    /// <summary>A commit whose caller gave up before it began is not done.</summary>
    [Fact]
    public async Task ACancelledCommitIsNotDone()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.CommitAsync(new CommitRequest { Operations = [Set("a", "1")] }, new CancellationToken(canceled: true)).AsTask());
        Assert.Equal((CommitOutcome.Committed, 1L), Outcome(await CommitAsync(Set("b", "1"))));
        Assert.Equal("b=1", await DumpAsync());
    }

    private static (CommitOutcome Outcome, long Revision) Outcome(CommitResult result) => (result.Outcome, result.Revision);
}
