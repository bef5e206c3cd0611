using Modular.PluginTests;
using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

/// <summary>
/// The power goes off at every single step that the store asks of its disk: writes, flushes, renames; of the log, of segments being
/// prepared and used again, of snapshots. Whatever the disk then holds, all that was acknowledged must be there.
/// </summary>
public sealed class CrashTests
{
    private static readonly StoreSettings Settings = Small with { HistoryRevisions = 10 };

    [Fact]
    public async Task No_step_is_a_bad_moment()
    {
        var step = 1;
        HashSet<string> seen = [];
        for (var finished = false; !finished; step++)
        {
            seen.Clear();
            var disk = new SimulatedDisk { PowerFailsAt = step, BeforeStep = (kind, name) => Note(seen, kind, name) };
            var (model, maybe) = await WorkAsync(disk);
            finished = disk.Steps < step;

            await CheckAsync(disk.AfterKill(), model, maybe);
            await CheckAsync(disk.AfterPowerLoss(() => false), model, maybe);
            await CheckAsync(disk.AfterPowerLoss(() => true), model, maybe);
            for (var seed = 0; seed < 4; seed++)
            {
                var random = new Random((step * 10) + seed);
                await CheckAsync(disk.AfterPowerLoss(() => random.Next(2) == 0), model, maybe);
            }
        }

        // The work was one that does all there is to do.
        string[] all = ["Rename preparing", "Rename writing-snapshot", "Rename log", "Rename spare", "Delete snapshot", "SyncDirectory ."];
        Assert.Empty(all.Except(seen));
    }

    [Fact]
    public async Task Crashes_during_the_recovery_of_crashes_lose_nothing()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var disk = new SimulatedDisk { PowerFailsAt = random.Next(20, 250) };
            var (model, maybe) = await WorkAsync(disk);
            for (var crash = 0; crash < 4; crash++)
            {
                disk = random.Next(2) == 0 ? disk.AfterKill() : disk.AfterPowerLoss(() => random.Next(2) == 0);
                disk.PowerFailsAt = random.Next(1, 12);
                try
                {
                    await new OpenedStore(disk, Settings).DisposeAsync();
                }
                catch (PowerLostException)
                {
                    // That is the test.
                }
            }

            await CheckAsync(disk.AfterPowerLoss(() => random.Next(2) == 0), model, maybe);
        }
    }

    private static void Note(HashSet<string> seen, DiskStep kind, string name)
    {
        lock (seen)
        {
            seen.Add($"{kind} {name.TrimEnd("0123456789".ToCharArray()).TrimEnd('-')}");
        }
    }

    // Enough to fill segments, write snapshots and use segments again. Answers what was acknowledged, and the commit that may be there or not.
    private static async Task<(ObjectStoreModel Model, CommitOperation[]? Maybe)> WorkAsync(SimulatedDisk disk)
    {
        var model = new ObjectStoreModel();
        OpenedStore store;
        try
        {
            store = new OpenedStore(disk, Settings);
        }
        catch (PowerLostException)
        {
            return (model, null);
        }

        await using (store)
        {
            for (var i = 0; i < 50; i++)
            {
                CommitOperation[] operations = i % 6 == 5
                    ? [Remove($"k{i % 5}"), Set("x", $"{i}")] : [Set($"k{i % 5}", $"{i}-{new string('v', 150 + (i * 37 % 400))}")];
                if ((await store.CommitAsync(operations)).Outcome == CommitOutcome.Unknown)
                {
                    return (model, operations);
                }

                model.Commit(operations);
                if (i % 5 == 0)
                {
                    // However busy the machine is, snapshots end while there is work left to use segments again.
                    await store.Store.SnapshotCompletion;
                }
            }
        }

        return (model, null);
    }

    private static async Task CheckAsync(SimulatedDisk disk, ObjectStoreModel model, CommitOperation[]? maybe)
    {
        var expected = model;
        await using (var store = new OpenedStore(disk, Settings))
        {
            if (maybe is not null && store.Status.Current == model.Current + 1)
            {
                expected = model.With(maybe);
            }

            Compare(store, expected);
            var next = Set("next", "x");
            Assert.Equal(CommitOutcome.Committed, (await store.CommitAsync(next)).Outcome);
            expected = expected.With(next);
        }

        await using var again = new OpenedStore(disk.AfterPowerLoss(() => false), Settings);
        Compare(again, expected);
    }

    private static void Compare(OpenedStore store, ObjectStoreModel expected)
    {
        Assert.Equal(expected.Current, store.Status.Current);
        Assert.Equal(expected.Entries(expected.Current).Select(ObjectStoreModel.Text), store.Range().Entries.Select(ObjectStoreModel.Text));
    }
}
