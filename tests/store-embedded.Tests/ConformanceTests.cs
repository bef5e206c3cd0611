using Modular.PluginTests;

namespace Modular.Plugins.StoreEmbedded.Tests;

/// <summary>
/// What every object store has to do, asked of one whose segments, snapshots and history are so small that all of them come and go all the time.
/// </summary>
public sealed class ConformanceTests : ObjectStoreTests
{
    private static readonly StoreSettings Settings = OpenedStore.Small with { HistoryRevisions = 150 };

    private readonly Random _random = new(1);
    private SimulatedDisk _disk = new();
    private OpenedStore? _store;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override ValueTask<IObjectStore> OpenAsync() => OpenAsync(new SimulatedDisk());

    protected override async ValueTask<IObjectStore> ReopenAsync(bool crash)
    {
        var crashed = _random.Next(2) == 0 ? _disk.AfterKill() : _disk.AfterPowerLoss(() => _random.Next(2) == 0);
        await _store!.DisposeAsync();
        return await OpenAsync(crash ? crashed : _disk);
    }

    private async ValueTask<IObjectStore> OpenAsync(SimulatedDisk disk)
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        _disk = disk;
        _store = new OpenedStore(disk, Settings);
        return _store.Store;
    }
}
