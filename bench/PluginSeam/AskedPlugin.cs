using System.Diagnostics;
using System.Net;
using Modular.Abstractions;
using Modular.Fixtures;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;

namespace PluginSeam;

/// <summary>A plugin that runs somewhere, and the times of one question to it.</summary>
internal sealed class AskedPlugin : IAsyncDisposable
{
    private readonly HostListeners _listeners = new(TimeProvider.System, TimeSpan.Zero, IPNetwork.Parse("198.51.100.0/24"));
    private readonly TestContextOfPlugin _context;
    private readonly IPlugin _plugin;
    private Func<ValueTask> _ask = () => ValueTask.CompletedTask;

    private AskedPlugin(InstalledPlugin plugin, IPluginLoader loader, string root)
    {
        _context = new TestContextOfPlugin(root, new PluginIdentity("asked", plugin.Manifest.Id, "0.1.0", 1), "{}") { Listeners = _listeners };
        _plugin = loader.Load(plugin, PluginLimits.None).Create();
    }

    public static async Task<AskedPlugin> StartAsync(InstalledPlugin plugin, IPluginLoader loader, string root, SeamQuestion question)
    {
        var asked = new AskedPlugin(plugin, loader, root);
        await asked._plugin.ProvisionAsync(asked._context, CancellationToken.None);
        await asked._plugin.StartAsync(CancellationToken.None);
        asked._ask = await question.Open(asked._context.Provided);
        return asked;
    }

    /// <summary>Asks once.</summary>
    /// <returns>Microseconds.</returns>
    public async ValueTask<double> AskAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        await _ask();
        return Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
    }

    /// <summary>Has so many ask at once, again and again.</summary>
    /// <returns>Answers a second.</returns>
    public async Task<double> AskAtOnceAsync(int askers, int times)
    {
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, askers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < times; i++)
            {
                await _ask();
            }
        })));
        return askers * times / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await _plugin.StopAsync(StopReason.Shutdown, CancellationToken.None);
        await _plugin.DisposeAsync();
        _context.Dispose();
        _listeners.Dispose();
    }
}
