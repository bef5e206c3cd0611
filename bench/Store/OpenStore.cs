using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Abstractions;
using Modular.Plugins.StoreEmbedded;

namespace Store;

/// <summary>The plugin with as much of a host as it needs.</summary>
internal sealed class OpenStore : IPluginContext, IAsyncDisposable
{
    private readonly StoreEmbeddedPlugin _plugin = new();

    private OpenStore(string directory, string configuration)
    {
        DataDirectory = directory;
        Configuration = JsonElement.Parse(configuration);
    }

    public IObjectStore Store { get; private set; } = null!;

    public PluginIdentity Self { get; } = new("store", "store-embedded", "0.0.0", 1);

    public JsonElement Configuration { get; }

    public ILoggerFactory Log => NullLoggerFactory.Instance;

    public TimeProvider Time => TimeProvider.System;

    public Meter Meter { get; } = new("bench");

    public string DataDirectory { get; }

    public string StateDirectory => DataDirectory;

    public IApiClient Api => throw new NotSupportedException();

    public IListeners Listeners => throw new NotSupportedException();

    public HostInformation Host => throw new NotSupportedException();

    public static async Task<OpenStore> AtAsync(string directory, string configuration = "{}")
    {
        var opened = new OpenStore(directory, configuration);
        await opened._plugin.ProvisionAsync(opened, CancellationToken.None);
        return opened;
    }

    public static void Remove(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    public void Provide<T>(T implementation)
        where T : class => Store = (IObjectStore)(object)implementation;

    public ContractHandle<T> Require<T>()
        where T : class => throw new NotSupportedException();

    public CandidateHandle<T> RequireCandidates<T>()
        where T : class => throw new NotSupportedException();

    public void SetReady(bool ready, string reason = "", string message = "")
    {
    }

    public void Renew() => throw new NotSupportedException();

    public void Fatal(string reason) => Environment.FailFast(reason);

    public async ValueTask DisposeAsync()
    {
        await _plugin.DisposeAsync();
        Meter.Dispose();
    }
}
