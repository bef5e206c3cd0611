using static Modular.Plugins.StoreEmbedded.Tests.OpenedStore;

namespace Modular.Plugins.StoreEmbedded.Tests;

public sealed class ModelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Random_work_with_restarts_agrees_with_a_plain_model(int seed)
    {
        var random = new Random(seed);
        var settings = Small with { HistoryRevisions = 100 + (50 * (seed % 3)), SegmentBytes = 4096 << (seed % 3) };
        var disk = new SimulatedDisk();
        var model = new ReferenceModel();
        var store = new OpenedStore(disk, settings);
        for (var step = 0; step < 1500; step++)
        {
            switch (random.Next(100))
            {
                case < 80:
                    await CommitAsync(store, model, random);
                    break;
                case < 85:
                    await CheckPastAsync(store, model, random);
                    break;
                case < 88:
                    await store.Store.CompactAsync(random.NextInt64(model.Current + 1), TestContext.Current.CancellationToken);
                    break;
                case < 90:
                    store.Store.Snapshot();
                    break;
                case < 93:
                    await store.DisposeAsync();
                    disk = random.Next(2) == 0 ? disk.AfterKill() : disk.AfterPowerLoss(() => random.Next(2) == 0);
                    store = new OpenedStore(disk, settings);
                    break;
                default:
                    Check(store, model, model.Current);
                    break;
            }
        }

        await CheckPastAsync(store, model, random);
        await store.DisposeAsync();
    }

    private static async Task CommitAsync(OpenedStore store, ReferenceModel model, Random random)
    {
        var keys = Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"k{random.Next(30)}").Distinct().ToList();
        var operations = keys.Select(k => random.Next(4) == 0 ? Remove(k) : Set(k, new string('v', random.Next(300)))).ToArray();
        var key = $"k{random.Next(30)}";
        var guard = new CommitGuard(key, random.Next(5) == 0 ? random.NextInt64(model.Current + 1) : model.ModRevisionOf(key));

        var result = await store.CommitIfAsync(guard.Key, guard.ModRevision, operations);

        if (model.Holds(guard))
        {
            model.Commit(operations);
            Assert.Equal((CommitOutcome.Committed, model.Current), (result.Outcome, result.Revision));
        }
        else
        {
            Assert.Equal((CommitOutcome.Conflict, model.ModRevisionOf(key)), (result.Outcome, result.Current?.ModRevision ?? 0));
        }
    }

    private static void Check(OpenedStore store, ReferenceModel model, long revision)
    {
        Assert.Equal(model.Current, store.Status.Current);
        Assert.Equal(model.Dump(revision), ReferenceModel.Dump(store.Range(revision: revision)));
    }

    private static async Task CheckPastAsync(OpenedStore store, ReferenceModel model, Random random)
    {
        var compacted = store.Status.Compacted;
        for (var revision = compacted; revision <= model.Current; revision += random.Next(1, 20))
        {
            Check(store, model, revision);
        }

        if (compacted <= model.Current)
        {
            await using var watch = store.Watch(revision: compacted);
            Assert.Equal(
                model.Changes(compacted, model.Current), string.Join(' ', (await watch.ReadToAsync(model.Current)).Select(c => c.Text())));
        }
    }
}
