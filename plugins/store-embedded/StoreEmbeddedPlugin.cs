using Microsoft.Extensions.Logging;
using Modular.Plugins.StoreEmbedded.Files;

namespace Modular.Plugins.StoreEmbedded;

/// <summary>The embedded store as a plugin.</summary>
public sealed class StoreEmbeddedPlugin : IPlugin
{
    private DirectoryLock? _lock;
    private EmbeddedStore? _store;

    /// <inheritdoc />
    public async ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        var settings = StoreSettings.Read(context.Configuration);
        var metrics = new StoreMetrics(context.Meter);
        var environment = new StoreEnvironment(context.Time, context.Log.CreateLogger<StoreEmbeddedPlugin>(), metrics, context.Fatal);
        Directory.CreateDirectory(context.DataDirectory);
        _lock = DirectoryLock.Take(context.DataDirectory);
        var files = new DirectoryFiles(context.DataDirectory);
        _store = await Task.Run(() => EmbeddedStore.Open(files, settings, environment), cancellationToken).ConfigureAwait(false);
        metrics.Observe(_store);
        context.Provide<IObjectStore>(_store);
    }

    /// <inheritdoc />
    public ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken) => DisposeAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync().ConfigureAwait(false);
            _store = null;
        }

        _lock?.Dispose();
        _lock = null;
    }
}
