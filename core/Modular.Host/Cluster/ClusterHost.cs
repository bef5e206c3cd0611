using System.Net;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Abstractions.Http;
using Modular.ApiServer;
using Modular.Host.Client;
using Modular.Host.Companions;
using Modular.Host.Logging;
using Modular.Host.Processes;
using Modular.Kernel;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;
using Modular.PluginProcess;

namespace Modular.Host.Cluster;

/// <summary>
/// The first host process of a cluster, composed: plugins that the API is made of, the kernel over them, the API server, then all other plugins.
/// It stops in the reverse order.
/// </summary>
internal sealed partial class ClusterHost : IAsyncDisposable
{
    // Longer than an exchange of a plugin takes.
    private static readonly TimeSpan ListenerLinger = TimeSpan.FromSeconds(30);

    private readonly ClusterOptions _options;
    private readonly HostLog _logs;
    private readonly ILogger _log;
    private readonly ContractRegistry _contracts = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CertificateAuthority _authority;
    private readonly ClusterNetwork _network;
    private readonly ApiKernel _kernel;
    private readonly PluginHost _plugins;
    private readonly ApiHttpServer _server;
    private readonly HostListeners _listeners;
    private readonly ServerIdentity _identity;
    private readonly CompanionHosts _companions;
    private PluginObjects? _objects;
    private Task _following = Task.CompletedTask;
    private Task _podListening = Task.CompletedTask;
    private Task _keeping = Task.CompletedTask;
    private volatile bool _isWhole;
    private bool _started;

    private ClusterHost(ClusterOptions options, ClusterNetwork network, bool detached)
    {
        _options = options;
        var directory = options.Directory;
        _logs = HostLog.Open(detached ? directory.Log : null);
        _log = _logs.Factory.CreateLogger("host");
        _authority = CertificateAuthority.Open(directory.Pki, TimeProvider.System);
        _network = network;
        _identity = new ServerIdentity(_authority, network, options.Listen);
        _listeners = new HostListeners(TimeProvider.System, ListenerLinger, IPNetwork.Parse(network.ServiceRange));
        _kernel = new ApiKernel(
            new KernelContracts
            {
                Store = _contracts.Handle<IObjectStore>(),
                Resources = _contracts.Handle<IResourceSource>(),
                Authenticators = _contracts.Handle<IAuthenticator>(),
                Authorizers = _contracts.Handle<IAuthorizer>(),
                Admission = _contracts.Handle<IAdmission>(),
            },
            // Pods that are plain processes have no other addresses.
            new KernelSettings { AllowLoopbackEndpoints = !_network.Isolated },
            _logs.Factory);
        _plugins = new PluginHost(new PluginHostOptions
        {
            Catalog = PluginDirectories.Catalog(directory),
            Loader = new McMasterPluginLoader(),
            ProcessLoader = PluginProcesses.Loader(directory, _authority),
            Log = _logs.Factory,
            Host = HostFacts.Of(new Uri($"https://{options.Listen}"), _authority, _network),
            DataDirectory = directory.Plugins,
            StateDirectory = directory.State,
            Contracts = _contracts,
            Permissions = _kernel.Permissions,
            ApiClientOf = _kernel.CreateClient,
            ApiServes = _kernel.Ready,
            Listeners = _listeners,
            Fatal = EndAtOnce,
        });
        ExceptionHandling.SetUnhandledExceptionHandler(_plugins.Contains);
        _contracts.ProvideFromHost<IResourceSource>(new PluginResourceSource(), new PluginIdentity("host", "modular", ProductVersion.Text, 0));
        _companions = new CompanionHosts(directory, _kernel.CreateClient(HostFacts.User), _logs.Factory);
        _server = CreateServer();
    }

    /// <summary>Starts a host; when it returns, the API is ready and every plugin was started or says why not.</summary>
    /// <exception cref="CommandException">The cluster cannot work.</exception>
    public static async Task<ClusterHost> StartAsync(ClusterOptions options, bool detached, CancellationToken cancellationToken)
    {
        options.Directory.Create();
        var distribution = DistributionFile.Read(options);
        var network = NetworkFile.Open(options, Isolation.Missing(distribution, PluginDirectories.Catalog(options.Directory)));
        var cluster = new ClusterHost(options, network, detached);
        try
        {
            await cluster.StartAsync(distribution, cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The roles of this process that no plugin fills, a line each.</summary>
    public IReadOnlyList<string> Problems =>
    [
        .. from status in _plugins.Statuses
           where status.Phase == PluginPhase.Failed && !status.IsRolledBack
           select $"{status.Name} does not run: {status.Problem ?? "'modular plugins describe " + status.Name + "' tells more"}",
    ];

    /// <summary>Lets go of the terminal's streams; what is still written to them goes to the log.</summary>
    public void LeaveTerminal() => _logs.LeaveTerminal();

    /// <summary>Waits until somebody asks the process to end.</summary>
    public static async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        var asked = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(asked.SetResult);
        await asked.Task;
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _podListening;
        await _keeping;
        await _server.DisposeAsync();
        await _following;
        await _companions.DisposeAsync();
        await _plugins.StopApiUsersAsync(StopReason.Shutdown);
        await _kernel.DisposeAsync();
        await _plugins.DisposeAsync();
        _listeners.Dispose();
        _authority.Dispose();
        _stopping.Dispose();
        if (_started)
        {
            File.Delete(_options.Directory.ProcessFile);
            LogStopped(_log);
        }

        _logs.Dispose();
    }

    private async Task StartAsync(Distribution distribution, CancellationToken cancellationToken)
    {
        WriteKubeconfig();
        // Listening costs about as much as everything the API stands on; both go on at once, and the API's paths answer 503 until it serves.
        var listening = Task.Run(() => _server.StartAsync(cancellationToken), cancellationToken);
        await StartBootstrapAsync(distribution, cancellationToken);
        _started = true;
        ProcessRecord.Current.Write(_options.Directory.ProcessFile);
        await _kernel.StartAsync(cancellationToken);
        try
        {
            await listening;
        }
        catch (AddressUnavailableException e)
        {
            throw new CommandException($"{e.Message}; choose another with --listen HOST:PORT");
        }

        var objects = new PluginObjects(
            _plugins, _kernel.CreateClient(HostFacts.User), distribution, fileIsNew: _options.DistributionFile is not null, hostName: "", HostFacts.NodeName, _logs.Factory);
        await objects.StartAsync(
            async cancel =>
            {
                await _kernel.RefreshResourcesAsync(cancel);
                _isWhole = true;
            },
            cancellationToken);
        _following = FollowAsync(objects);
        _objects = objects;
        DistributionFile.Keep(_options);
        _keeping = _companions.RunAsync(_stopping.Token);
        if (_network.Isolated)
        {
            _podListening = new PodListener(_kernel.CreateClient(HostFacts.User), _server, _identity, _options.Listen, _log).RunAsync(_stopping.Token);
        }

        LogReady(_log, _options.Listen);
    }

    // Without these there is no API that could show what is wrong, so the start fails with the first reason.
    private async Task StartBootstrapAsync(Distribution distribution, CancellationToken cancellationToken)
    {
        var problem = Problem(distribution);
        var slots = distribution.Slots.Where(_plugins.IsBootstrap).ToList();
        if (problem is null)
        {
            await _plugins.StartAsync(slots, cancellationToken);
            problem = _plugins.Statuses.Where(s => s.Phase != PluginPhase.Running)
                .Select(s => $"plugin {s.Name} ({s.Slot.Plugin}) does not start: {s.Problem}")
                .FirstOrDefault();
        }

        if (problem is null && !_contracts.Handle<IObjectStore>().IsAvailable)
        {
            problem = "no plugin of the distribution provides modular.store; add one such as store-embedded";
        }

        if (problem is not null)
        {
            throw new CommandException(problem);
        }
    }

    private string? Problem(Distribution distribution)
    {
        try
        {
            return distribution.Slots.FirstOrDefault(slot => slot.Host.Length > 0 && _plugins.IsBootstrap(slot)) is { } misplaced
                ? $"the distribution cannot work: {misplaced.Name}: the API is made of it, so it runs in the cluster's own process; remove host: {misplaced.Host}"
                : distribution.Slots.GroupBy(slot => slot.Host).SelectMany(slots => _plugins.Resolve(slots).Problems).Where(p => p.BlockedBy.Length == 0)
                    .Select(p => $"the distribution cannot work: {p.Name}: {p.Message}").FirstOrDefault();
        }
        catch (Exception e) when (e is PluginLoadException or PluginManifestException)
        {
            return e.Message;
        }
    }

    private void WriteKubeconfig()
    {
        using var identity = _authority.IssueClient("modular-admin", "system:masters", TimeProvider.System);
        Kubeconfig.For(new Uri($"https://{_options.Listen}"), _authority, identity).Write(_options.Directory.Kubeconfig);
    }

    private ApiHttpServer CreateServer()
    {
        var nodes = _contracts.Handle<INodeEndpoint>();
        var endpoints = _contracts.Handle<IHttpEndpoints>();
        return new ApiHttpServer(
            new ApiServerOptions
            {
                Listen = [_options.Listen],
                ServerCertificate = _identity.Issue([]),
                Version = ServerVersion.Of(ProductVersion.Text),
            },
            new ApiServerParts
            {
                Pipeline = _kernel.Pipeline,
                Resources = _kernel.Registry,
                Authenticate = _kernel.AuthenticateAsync,
                FindNode = name => FindNode(nodes, name) ?? FindInCompanion(name),
                HttpEndpoints = endpoints.AcquireAll,
                // Before all kinds are there, a path of one that is missing would be refused for good.
                Serves = () => _isWhole,
                HealthChecks =
                [
                    new HealthCheck("kernel", _ => ValueTask.FromResult(_kernel.Ready.IsCompletedSuccessfully ? null : "the kernel has not started")) { Liveness = true },
                    new HealthCheck("plugins", _ => ValueTask.FromResult(_objects is not null ? null : "plugins are being started")),
                ],
                Log = _logs.Factory,
            });
    }

    private static ContractLease<INodeEndpoint>? FindNode(ContractHandle<INodeEndpoint> nodes, string name)
    {
        ContractLease<INodeEndpoint>? found = null;
        foreach (var lease in nodes.AcquireAll())
        {
            if (found is null && lease.Value.NodeName == name)
            {
                found = lease;
            }
            else
            {
                lease.Dispose();
            }
        }

        return found;
    }

    private ContractLease<INodeEndpoint>? FindInCompanion(string name) => _companions.Node is { } node && node.NodeName == name
        ? new ContractLease<INodeEndpoint>(node, new PluginIdentity("host", "modular", ProductVersion.Text, 0), generation: 0, release: null) : null;

    private async Task FollowAsync(PluginObjects objects)
    {
        try
        {
            await objects.RunAsync(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (Exception e)
        {
            EndAtOnce(new PluginIdentity("host", "modular", ProductVersion.Text, 0), $"plugin objects are no longer followed: {e}");
        }
    }

    // Stopping in good order would let others promise what can no longer be kept.
    private void EndAtOnce(PluginIdentity plugin, string reason)
    {
        LogFatal(_log, plugin.Name, reason);
        Environment.FailFast($"{plugin.Name}: {reason}");
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "cluster ready listen={Listen}")]
    private static partial void LogReady(ILogger log, IPEndPoint listen);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "cluster stopped")]
    private static partial void LogStopped(ILogger log);

    [LoggerMessage(EventId = 3, Level = LogLevel.Critical, Message = "the process ends plugin={Plugin} reason={Reason}")]
    private static partial void LogFatal(ILogger log, string plugin, string reason);
}
