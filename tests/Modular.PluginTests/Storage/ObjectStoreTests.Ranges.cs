using System.Globalization;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <content>Ranges.</content>
public abstract partial class ObjectStoreTests
{
    /// <summary>A range ends before its end, and counts beyond its limit.</summary>
    [Fact]
    public async Task ARangeEndsBeforeItsEndAndCountsBeyondItsLimit()
    {
        await CommitAsync(Set("a", "1"), Set("a/b", "2"), Set("a/c", "3"), Set("b", "4"));
        Assert.Equal("a/b=2 a/c=3", Line((await RangeAsync("a/", "a0")).Entries));
        var limited = await RangeAsync("a", "b", limit: 2);
        Assert.Equal(("a=1 a/b=2", 3L), (Line(limited.Entries), limited.Count));
        Assert.Equal(3, (await RangeAsync("a", "b", limit: 3)).Entries.Count);
        Assert.Equal("a/b=2", Line((await RangeAsync("a/b", null)).Entries));
        Assert.Empty((await RangeAsync("a/", null)).Entries);
    }

    /// <summary>Keys are in the order of their characters' numbers, in no language's.</summary>
    [Fact]
    public async Task KeysAreOrderedOrdinally()
    {
        await CommitAsync(Set("b", ""), Set("a", ""), Set("B", ""), Set("_", ""), Set("a-b", ""), Set("ab", ""), Set("10", ""), Set("9", ""));
        Assert.Equal("10 9 B _ a a-b ab b", string.Join(' ', (await RangeAsync()).Entries.Select(entry => entry.Key)));
        Assert.Equal("_ a", string.Join(' ', (await RangeAsync("C", "a-")).Entries.Select(entry => entry.Key)));
    }

    /// <summary>Keys only leaves values out, count only leaves all out.</summary>
    [Fact]
    public async Task KeysOnlyLeavesValuesOutAndCountOnlyAll()
    {
        await CommitAsync(Set("a", "1"), Set("b", "2"));
        Assert.Equal("a= b=", Line((await RangeAsync(keysOnly: true)).Entries));
        Assert.Equal("a=", Line((await RangeAsync("a", null, keysOnly: true)).Entries));
        var count = await RangeAsync(limit: 1, countOnly: true);
        Assert.Equal((0, 2L), (count.Entries.Count, count.Count));
        var one = await RangeAsync("a", null, countOnly: true);
        Assert.Equal((0, 1L), (one.Entries.Count, one.Count));
    }

    /// <summary>The past can be read, and says which revision it is the state of.</summary>
    [Fact]
    public async Task ThePastStaysReadable()
    {
        await CommitAsync(Set("a", "1"));
        await CommitAsync(Set("a", "2"));
        await CommitAsync(Remove("a"), Set("b", "3"));
        await CommitAsync(Set("a", "4"));
        Assert.Equal(["a=4 b=3", "a=1", "a=2", "b=3", "a=4 b=3"], [await DumpAsync(0), await DumpAsync(1), await DumpAsync(2), await DumpAsync(3), await DumpAsync(4)]);
        var one = await RangeAsync("a", null, revision: 2);
        Assert.Equal(("a=2", 2L, 1L), (Line(one.Entries), one.Revision, one.Count));
        Assert.Equal(4, (await RangeAsync()).Revision);
    }

    /// <summary>What has not happened yet cannot be read.</summary>
    [Fact]
    public async Task TheFutureCannotBeRead()
    {
        await CommitAsync(Set("a", "1"));
        foreach (var revision in new[] { 2, long.MaxValue })
        {
            var future = await RangeAsync(revision: revision);
            Assert.Equal((RangeOutcome.Future, 1L, 0), (future.Outcome, future.Revision, future.Entries.Count));
            Assert.Equal(RangeOutcome.Future, (await RangeAsync("a", null, revision: revision)).Outcome);
        }
    }

    /// <summary>Bounds need not be keys, nor in order.</summary>
    [Fact]
    public async Task BoundsNeedNotBeKeys()
    {
        await CommitAsync(Set("a", "1"), Set("b", "2"));
        Assert.Equal("a=1 b=2", Line((await RangeAsync("", "\uffff")).Entries));
        Assert.Equal("b=2", Line((await RangeAsync("a\0", "b\0")).Entries));
        Assert.Equal("a=1 b=2", Line((await RangeAsync("\0", new string('~', 5000))).Entries));
        foreach (var (from, to) in new[] { ("b", "a"), ("a", "a"), ("", ""), ("\uffff", ""), ("", null), ("\0", null), ("\uffff", null), (new string('a', 5000), null) })
        {
            var none = await RangeAsync(from, to);
            Assert.Equal((RangeOutcome.Found, 0, 0L), (none.Outcome, none.Entries.Count, none.Count));
        }
    }

    /// <summary>However long a range is and however much is written meanwhile, it is the state of one revision.</summary>
    [Fact]
    public async Task ALongRangeIsOneState()
    {
        const int Keys = 3000, Batch = 60;
        for (var first = 0; first < Keys; first += Batch)
        {
            await CommitAsync([.. Enumerable.Range(first, Batch).Select(key => Set($"k{key:0000}", "0"))]);
        }

        // Each commit moves one from the first key to the last; every state adds up to zero.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writing = Task.Run(
            async () =>
            {
                for (var moved = 1; !stop.IsCancellationRequested; moved++)
                {
                    await CommitAsync(Set("k0000", $"{-moved}"), Set($"k{Keys - 1:0000}", $"{moved}"));
                }
            },
            Token);
        for (var i = 0; i < 20; i++)
        {
            var range = await RangeAsync();
            Assert.Equal((Keys, Keys), (range.Count, range.Entries.Count));
            Assert.Equal(0, range.Entries.Sum(entry => int.Parse(Text(entry.Value), CultureInfo.InvariantCulture)));
            Assert.Equal(range.Revision, range.Entries.Max(entry => entry.ModRevision));
        }

        await stop.CancelAsync();
        await writing;
    }
}
