using System.Net;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Host.Client;
using Modular.Host.Cluster;
using Modular.Host.Logging;
using Modular.Host.Processes;
using Modular.Kernel;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;
using Modular.PluginProcess;

namespace Modular.Host.Companions;

/// <summary>
/// A further host process of a cluster: it runs the plugins whose objects name it, as the first runs all others, but reaches the API over
/// the network. It goes on while the first is away, as for an upgrade of the API server.
/// </summary>
internal sealed partial class CompanionHost : IAsyncDisposable
{
    // Longer than an exchange of a plugin takes.
    private static readonly TimeSpan ListenerLinger = TimeSpan.FromSeconds(30);

    private readonly HostLog _logs;
    private readonly ILogger _log;
    private readonly CertificateAuthority _authority;
    private readonly CompanionApi _api;
    private readonly HostListeners _listeners;
    private readonly PluginHost _plugins;
    private readonly CompanionSocket _socket;
    private readonly string _name;
    private readonly string _processFile;

    private CompanionHost(ClusterDirectory directory, string name)
    {
        var network = NetworkFile.Read(directory);
        var contracts = new ContractRegistry();
        _name = name;
        _processFile = directory.CompanionProcessFile(name);
        _logs = HostLog.Open(directory.CompanionLog(name));
        _log = _logs.Factory.CreateLogger(name);
        _authority = CertificateAuthority.Open(directory.Pki, TimeProvider.System);
        _api = new CompanionApi(directory, _authority);
        _listeners = new HostListeners(TimeProvider.System, ListenerLinger, IPNetwork.Parse(network.ServiceRange));
        _plugins = new PluginHost(new PluginHostOptions
        {
            Catalog = PluginDirectories.Catalog(directory),
            Loader = new McMasterPluginLoader(),
            ProcessLoader = PluginProcesses.Loader(directory, _authority),
            Log = _logs.Factory,
            Host = HostFacts.Of(_api.Address, _authority, network),
            DataDirectory = directory.Plugins,
            StateDirectory = directory.State,
            Contracts = contracts,
            // Rights are the API server's matter.
            Permissions = new ManifestAuthorizer(),
            ApiClientOf = _api.ClientOf,
            ApiServes = Task.CompletedTask,
            Listeners = _listeners,
            Fatal = EndAtOnce,
        });
        ExceptionHandling.SetUnhandledExceptionHandler(_plugins.Contains);
        _socket = new CompanionSocket(directory.CompanionSocket(name), contracts, _logs.Factory);
    }

    /// <summary>Runs until the process is asked to end.</summary>
    public static async Task<int> RunAsync(ClusterDirectory directory, string name, CancellationToken cancellationToken)
    {
        await using var host = new CompanionHost(directory, name);
        host._logs.LeaveTerminal();
        try
        {
            await host.RunAsync(DistributionFile.Read(new ClusterOptions { Directory = directory, Listen = new IPEndPoint(IPAddress.Loopback, 0) }), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (ApiException e)
        {
            LogEnds(host._log, e.Message);
        }

        return 1;
    }

    public async ValueTask DisposeAsync()
    {
        await _plugins.DisposeAsync();
        await _socket.DisposeAsync();
        _listeners.Dispose();
        _api.Dispose();
        _authority.Dispose();
        LogStopped(_log);
        _logs.Dispose();
        File.Delete(_processFile);
    }

    private async Task RunAsync(Distribution distribution, CancellationToken cancellationToken)
    {
        ProcessRecord.Current.Write(_processFile);
        await _socket.StartAsync(cancellationToken);
        var objects = new PluginObjects(_plugins, _api.ClientOf(HostFacts.User), distribution, fileIsNew: false, _name, HostFacts.NodeName, _logs.Factory);
        await objects.StartAsync(_ => Task.CompletedTask, cancellationToken);
        LogReady(_log);
        await objects.RunAsync(cancellationToken);
    }

    // Stopping in good order would let others promise what can no longer be kept.
    private void EndAtOnce(PluginIdentity plugin, string reason)
    {
        LogFatal(_log, plugin.Name, reason);
        Environment.FailFast($"{plugin.Name}: {reason}");
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "host ready")]
    private static partial void LogReady(ILogger log);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "host stopped")]
    private static partial void LogStopped(ILogger log);

    [LoggerMessage(EventId = 3, Level = LogLevel.Critical, Message = "the process ends plugin={Plugin} reason={Reason}")]
    private static partial void LogFatal(ILogger log, string plugin, string reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message = "the host can't start: {Reason}")]
    private static partial void LogEnds(ILogger log, string reason);
}
