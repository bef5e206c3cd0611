using System.Text;
using Modular.Plugins.StoreEmbedded.Log;
using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class RecoveryTests
{
    private static readonly StoreSettings OneSegment = Small with { SegmentBytes = 16 << 10 };

    [Fact]
    public async Task Everything_is_there_after_a_restart_history_included()
    {
        var disk = new SimulatedDisk();
        await using (var store = new OpenedStore(disk, OneSegment))
        {
            await store.CommitAsync(Set("a", "1"), Set("b", "1"));
            await store.SetAsync("a", "2");
            await store.RemoveAsync("b");
        }

        await using var again = new OpenedStore(disk.AfterKill(), OneSegment);

        Assert.Equal((3L, 1L, true), (again.Status.Current, again.Status.Compacted, again.Status.Writable));
        Assert.Equal("a=1 b=1", again.Dump(1));
        Assert.Equal("a=2", again.Dump());
        await using var watch = again.Watch(revision: 1);
        Assert.Equal("1:a=1 1:b=1 2:a=2 3:b=-", string.Join(' ', (await watch.ReadToAsync(3)).Select(c => c.Text())));
        Assert.Equal(4, (await again.SetAsync("a", "4")).Revision);
    }

    [Fact]
    public async Task A_log_cut_at_any_byte_keeps_every_whole_frame_and_goes_on()
    {
        var disk = new SimulatedDisk();
        var ends = new List<int>();
        await using (var store = new OpenedStore(disk, OneSegment))
        {
            for (var i = 1; i <= 6; i++)
            {
                await store.SetAsync($"k{i}", new string('v', i * 7));
                ends.Add(EndOf(disk[Log(1)]));
            }
        }

        var whole = disk[Log(1)];
        for (var length = SegmentHeader.Size; length <= ends[^1] + 1; length++)
        {
            // Once the file is cut, once what was behind is zero, as in a segment that was written full with zeroes.
            await ReopenAsync(whole[..length], ends.Count(end => end <= length));
            var zeroed = whole.ToArray();
            zeroed.AsSpan(length).Clear();
            await ReopenAsync(zeroed, ends.Count(end => end <= length));
        }

        for (var length = 0; length < SegmentHeader.Size; length++)
        {
            Assert.Throws<CorruptLogException>(() => new OpenedStore(DiskWith(whole[..length]), OneSegment));
        }
    }

    [Fact]
    public async Task A_frame_torn_anywhere_over_an_older_one_is_cut_off()
    {
        // The segment was used before: behind what is torn there is no zero but older data.
        var disk = new SimulatedDisk();
        await using (var store = new OpenedStore(disk, OneSegment))
        {
            await store.SetAsync("a", "1");
        }

        var before = EndOf(disk[Log(1)]);
        await using (var store = new OpenedStore(disk, OneSegment))
        {
            await store.SetAsync("b", "12345678901234567890");
        }

        var whole = disk[Log(1)];
        for (var torn = before; torn < EndOf(whole); torn++)
        {
            var bytes = whole.ToArray();
            bytes.AsSpan(torn).Fill(0xa5);
            await ReopenAsync(bytes, 1);
        }
    }

    [Fact]
    public async Task Damage_before_the_last_frame_is_refused_and_named_and_nothing_is_changed()
    {
        var disk = new SimulatedDisk();
        var starts = new List<int> { SegmentHeader.Size };
        await using (var store = new OpenedStore(disk, OneSegment))
        {
            for (var i = 0; i < 3; i++)
            {
                await store.SetAsync($"k{i}", "value");
                starts.Add(EndOf(disk[Log(1)]));
            }
        }

        var whole = disk[Log(1)];
        for (var at = 0; at < starts[2]; at++)
        {
            var bytes = whole.ToArray();
            bytes[at] ^= 0x10;
            var damaged = DiskWith(bytes);
            if (at is >= 28 and < SegmentHeader.Size)
            {
                // The four bytes at the end of the header say nothing.
                continue;
            }

            var error = Assert.Throws<CorruptLogException>(() => new OpenedStore(damaged, OneSegment));
            Assert.Equal((Log(1), at < SegmentHeader.Size ? 0L : starts.Last(s => s <= at)), (error.File, error.Offset));
            Assert.Contains($"{Log(1)} is damaged at byte {error.Offset}", error.Message, StringComparison.Ordinal);
            Assert.Equal(bytes, damaged[Log(1)]);
        }
    }

    [Fact]
    public async Task Damage_at_the_end_of_a_segment_that_another_follows_is_refused()
    {
        var disk = new SimulatedDisk();
        await using (var store = new OpenedStore(disk))
        {
            for (var i = 0; store.Status.Bytes < 3 * 4096; i++)
            {
                await store.SetAsync($"k{i}", new string('x', 500));
            }

            await store.SetAsync("large", new string('x', 2000));
            await store.SetAsync("last", new string('x', 2000));
        }

        var logs = disk.List().Where(name => name.StartsWith("log-", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var first = disk[logs[0]];
        var end = EndOf(first);
        first[end - 1] ^= 1;

        var error = Assert.Throws<CorruptLogException>(() => new OpenedStore(disk));
        Assert.Equal(logs[0], error.File);
    }

    [Fact]
    public async Task A_missing_segment_is_refused()
    {
        var disk = new SimulatedDisk();
        await using (var store = new OpenedStore(disk))
        {
            for (var i = 0; i < 30; i++)
            {
                await store.SetAsync($"k{i}", new string('x', 500));
            }
        }

        disk.Delete(Log(2));

        Assert.Contains("is missing", Assert.Throws<CorruptLogException>(() => new OpenedStore(disk)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_looks_like_a_frame_is_no_frame()
    {
        var disk = new SimulatedDisk();
        byte[] forged;
        await using (var store = new OpenedStore(disk, OneSegment))
        {
            await store.SetAsync("a", "1");
            forged = new byte[Frame.HeaderSize + 20];
            CommitEncoding.Write(forged.AsSpan(Frame.HeaderSize), [new StoreOperation("b", [1, 2, 3])]);
            Frame.Seal(forged, new SegmentStamp(1, 0), 99, 1);
            await store.CommitAsync(new CommitOperation("b", forged));
        }

        // The frame around it is torn in its header, so the search for frames behind meets the forged one.
        var bytes = disk[Log(1)];
        var second = SegmentHeader.Size + Frame.HeaderSize + 12;
        bytes[second + 5] ^= 1;

        await ReopenAsync(bytes, 1);
    }

    [Fact]
    public async Task Unfinished_files_are_removed()
    {
        var disk = new SimulatedDisk { ["preparing"] = new byte[100], ["writing-snapshot"] = new byte[100] };

        await using var store = new OpenedStore(disk);

        Assert.Equal([Log(1)], disk.List());
    }

    [Fact]
    public async Task A_segment_used_again_never_replays_what_it_held_before()
    {
        var disk = new SimulatedDisk();
        var settings = Small with { HistoryRevisions = 4 };
        var model = new Dictionary<string, string>();
        var store = new OpenedStore(disk, settings);
        for (var round = 0; round < 200; round++)
        {
            var key = $"k{round % 7}";
            if (round % 5 == 4)
            {
                await store.RemoveAsync(key);
                model.Remove(key);
            }
            else
            {
                // Frames of one size: what lies behind the end of a used segment then begins with a frame of its earlier life.
                await store.SetAsync(key, $"{round:d400}");
                model[key] = $"{round:d400}";
            }

            if (round % 3 == 0)
            {
                store.Store.Snapshot();
            }

            if (round % 10 == 9)
            {
                await store.DisposeAsync();
                disk = disk.AfterKill();
                store = new OpenedStore(disk, settings);
                Assert.Equal(round + 1, store.Status.Current);
                Assert.Equal(string.Join(' ', model.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}={e.Value}")), store.Dump());
            }
        }

        await store.DisposeAsync();
        Assert.Contains(disk.List(), name => SegmentName.TryParseLog(name, out var generation) && generation > 5);
        Assert.True(disk.List().Count < 8, string.Join(' ', disk.List()));
    }

    [Fact]
    public async Task The_last_frame_is_flushed_again_before_anybody_can_read_it()
    {
        var disk = new SimulatedDisk();
        var store = new OpenedStore(disk, OneSegment);
        await store.SetAsync("a", "1");
        disk.BeforeStep = (step, name) =>
        {
            if (step == DiskStep.Sync)
            {
                throw new PowerLostException();
            }
        };
        Assert.Equal(CommitOutcome.Unknown, (await store.SetAsync("b", "2")).Outcome);
        await store.DisposeAsync();

        // The process was killed before the flush; the next one sees the bytes in the kernel's memory.
        var killed = disk.AfterKill();
        await using (var again = new OpenedStore(killed, OneSegment))
        {
            Assert.Equal("a=1 b=2", again.Dump());
        }

        await using var off = new OpenedStore(killed.AfterPowerLoss(() => false), OneSegment);
        Assert.Equal("a=1 b=2", off.Dump());
    }

    private static string Log(int generation) => SegmentName.OfLog(generation);

    private static SimulatedDisk DiskWith(byte[] log) => new() { [Log(1)] = log };

    // Where the last frame ends: the last byte that is not zero, since every value here ends in one.
    private static int EndOf(byte[] log) => log.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    private static async Task ReopenAsync(byte[] log, int revisions)
    {
        var disk = DiskWith(log);
        await using (var store = new OpenedStore(disk, OneSegment))
        {
            Assert.Equal(revisions, store.Status.Current);
            Assert.Equal(revisions, store.Range().Count);
            Assert.Equal(revisions + 1, (await store.SetAsync("next", "x")).Revision);
        }

        await using var again = new OpenedStore(disk.AfterKill(), OneSegment);
        Assert.Equal(revisions + 1, again.Status.Current);
        Assert.Equal("x", Encoding.UTF8.GetString(again.Range("next", null).Entries[0].Value.Span));
    }
}
