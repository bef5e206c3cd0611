using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Modular.Plugins.StoreEmbedded.Files;

namespace Modular.Plugins.StoreEmbedded;

/// <summary>The embedded store as a plugin.</summary>
public sealed partial class StoreEmbeddedPlugin : IPlugin
{
    private EmbeddedStore? _store;
    private FileStream? _lock;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        var settings = StoreSettings.Read(context.Configuration);
        var directory = context.DataDirectory;
        Directory.CreateDirectory(directory);
        _lock = Lock(directory);
        var log = context.Log.CreateLogger<StoreEmbeddedPlugin>();
        var store = new EmbeddedStore(
            new DirectoryFiles(directory), settings, context.Time, context.Fatal, e => LogSnapshotFailed(log, e.Message));
        _store = store;
        context.Meter.CreateObservableGauge("modular_store_revision", () => store.Revision, description: "The last acknowledged commit");
        context.Meter.CreateObservableGauge("modular_store_history_changes", () => store.HistoryChanges, description: "Changes that can be watched from");
        context.Meter.CreateObservableGauge("modular_store_writable", () => store.Writable ? 1 : 0, description: "0 while the disk is full");
        context.Provide<IObjectStore>(store);
        LogOpened(log, directory, store.Revision);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        _store = null;
        _lock?.Dispose();
        _lock = null;
        return ValueTask.CompletedTask;
    }

    // .NET locks the file with flock, which ends with the process, however it ends.
    private static FileStream Lock(string directory)
    {
        var path = Path.Combine(directory, "lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new InvalidOperationException($"{directory} is in use by another process; stop that cluster, or choose another data directory", e);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "store open directory={Directory} revision={Revision}")]
    private static partial void LogOpened(ILogger log, string directory, long revision);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "snapshot not written, the log grows reason={Reason}")]
    private static partial void LogSnapshotFailed(ILogger log, string reason);
}
