using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Host.Cluster;
using Modular.Kernel.Plugins;
using Modular.PluginProcess;

namespace Modular.Host.Companions;

/// <summary>
/// Keeps a companion process running for each host that Plugin objects name. Those of an earlier first process are found and left as they
/// are; when this one ends they go on.
/// </summary>
internal sealed partial class CompanionHosts(ClusterDirectory directory, IApiClient api, ILoggerFactory log) : IAsyncDisposable
{
    private const string NodeContract = "modular.node-endpoint";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StartEvery = TimeSpan.FromSeconds(2);

    private readonly ILogger _log = log.CreateLogger("hosts");
    private readonly Dictionary<string, CompanionNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _started = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private IInformer? _plugins;

    /// <summary>Starts those that are missing, again and again, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var plugins = await api.OpenInformerAsync(new ResourceScope(PluginKind.Resource), cancellationToken);
            Volatile.Write(ref _plugins, plugins);
            using var timer = new PeriodicTimer(LookEvery);
            do
            {
                Keep([.. plugins.List().Select(HostOf).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal)]);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>The node that a companion runs; null if none does.</summary>
    public CompanionNode? Node
    {
        get
        {
            if (Volatile.Read(ref _plugins)?.List().FirstOrDefault(plugin => HostOf(plugin).Length > 0 && Provides(plugin, NodeContract)) is not { } agent)
            {
                return null;
            }

            var name = HostOf(agent);
            lock (_lock)
            {
                if (!_nodes.TryGetValue(name, out var node))
                {
                    _nodes[name] = node = new CompanionNode(HostFacts.NodeName, directory.CompanionSocket(name), log);
                }

                return node;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_plugins is { } plugins)
        {
            await plugins.DisposeAsync();
        }

        foreach (var node in _nodes.Values)
        {
            node.Dispose();
        }
    }

    private void Keep(HashSet<string> wanted)
    {
        foreach (var name in wanted)
        {
            var tried = _started.TryGetValue(name, out var at) && TimeProvider.System.GetElapsedTime(at) < StartEvery;
            if (!tried && ProcessRecord.Read(directory.CompanionProcessFile(name)) is not { IsAlive: true })
            {
                _started[name] = TimeProvider.System.GetTimestamp();
                Start(name);
            }
        }

        foreach (var (name, process) in ClusterProcesses.Companions(directory))
        {
            if (!wanted.Contains(name) && Signals.Send(process, Signals.Terminate))
            {
                LogUnwanted(_log, name, process.Pid);
            }
        }
    }

    private void Start(string name)
    {
        // A session of its own: what ends the terminal's processes does not end it.
        var start = new ProcessStartInfo("setsid", [Environment.ProcessPath!, "host", name, "--data-dir", directory.Root]) { RedirectStandardInput = true };
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException("no process");
            // Until it writes its file itself, so that it is not started twice; setsid becomes the program without a fork.
            ProcessRecord.Of(process.Id).Write(directory.CompanionProcessFile(name));
            LogStarted(_log, name, process.Id);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            LogNotStarted(_log, name, e.Message);
        }
    }

    private static string HostOf(ApiObject plugin) => plugin.Read(PluginModelContext.Default.PluginModel).Spec?.Host ?? "";

    private static bool Provides(ApiObject plugin, string contract) =>
        plugin.Read(PluginModelContext.Default.PluginModel).Status?.Provides?.Contains(contract) == true;

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "host process started name={Name} pid={Pid}")]
    private static partial void LogStarted(ILogger log, string name, int pid);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "host process not started name={Name}: {Reason}")]
    private static partial void LogNotStarted(ILogger log, string name, string reason);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "host process ended, no plugin names it any more name={Name} pid={Pid}")]
    private static partial void LogUnwanted(ILogger log, string name, int pid);
}
