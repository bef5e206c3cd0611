using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Modular.Fixtures;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;

namespace Modular.Kernel.Plugins.Tests;

/// <summary>A plugin host over installed fixtures, a clock that stands still, and no API.</summary>
public sealed class HostFixture : IAsyncDisposable
{
    public HostFixture(IApiClient? api = null)
    {
        Host = new PluginHost(new PluginHostOptions
        {
            Catalog = Installed.Catalog,
            Loader = new McMasterPluginLoader(),
            ProcessLoader = new McMasterPluginLoader(),
            Contracts = Contracts,
            Permissions = Permissions,
            Log = NullLoggerFactory.Instance,
            Host = new HostInformation
            {
                NodeName = "n1",
                ApiServer = new Uri("https://127.0.0.1:1"),
                Executable = "modular",
                Version = "0.1.0",
            },
            DataDirectory = Path.Combine(Installed.Root, "data"),
            StateDirectory = Path.Combine(Installed.Root, "state"),
            ApiClientOf = _ => api ?? throw new InvalidOperationException("this test has no API"),
            ApiServes = Task.CompletedTask,
            Fatal = (plugin, reason) => Fatal.Enqueue((plugin, reason)),
            Listeners = Listeners,
            Time = Time,
        });
        Scheduler = Contracts.Handle<IScheduler>();
    }

    public InstalledFixtures Installed { get; } = new();

    public ContractRegistry Contracts { get; } = new();

    public ManifestAuthorizer Permissions { get; } = new();

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch);

    public ConcurrentQueue<(PluginIdentity Plugin, string Reason)> Fatal { get; } = new();

    public HostListeners Listeners { get; } = new(TimeProvider.System, TimeSpan.FromSeconds(30), IPNetwork.Parse("198.51.100.0/24"));

    public PluginHost Host { get; }

    public ContractHandle<IScheduler> Scheduler { get; }

    public static PluginSlot Slot(string name, string plugin, string failAt = "", string version = "") => new(name, plugin)
    {
        Version = version,
        Configuration = failAt.Length == 0 ? [] : new JsonObject { ["failAt"] = failAt },
    };

    public Task StartAsync(params PluginSlot[] slots) => Host.StartAsync(slots, CancellationToken.None);

    public PluginStatus Status(string name) => Host.Statuses.Single(s => s.Name == name);

    /// <summary>The steps that the instances of a role went through.</summary>
    public string[] Steps(string name)
    {
        var file = Path.Combine(Installed.Root, "data", name, "steps");
        if (!File.Exists(file))
        {
            return [];
        }

        // Shared, since a plugin may be writing its next step.
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Listeners.Dispose();
        Installed.Dispose();
    }
}
