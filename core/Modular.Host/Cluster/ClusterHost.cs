using System.Net;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Abstractions.Http;
using Modular.ApiServer;
using Modular.Host.Client;
using Modular.Host.Logging;
using Modular.Kernel;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;

namespace Modular.Host.Cluster;

/// <summary>
/// One host process of a cluster, composed: plugins that the API is made of, the kernel over them, the API server, then all other plugins.
/// It stops in the reverse order.
/// </summary>
internal sealed partial class ClusterHost : IAsyncDisposable
{
    // Longer than an exchange of a plugin takes.
    private static readonly TimeSpan ListenerLinger = TimeSpan.FromSeconds(30);

    private readonly ClusterOptions _options;
    private readonly FileStream? _logFile;
    private readonly LoggerFactory _logs;
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
    private PluginObjects? _objects;
    private Task _following = Task.CompletedTask;
    private Task _podListening = Task.CompletedTask;
    private bool _started;

    private ClusterHost(ClusterOptions options, ClusterNetwork network, bool detached)
    {
        _options = options;
        var directory = options.Directory;
        _logFile = detached ? new FileStream(directory.Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite) : null;
        _logs = new LoggerFactory([new LineLoggerProvider(_logFile ?? Console.OpenStandardError(), TimeProvider.System, LogLevel.Information)],
            new LoggerFilterOptions { MinLevel = LogLevel.Information, Rules = { new LoggerFilterRule(null, "Microsoft", LogLevel.Warning, null) } });
        _log = _logs.CreateLogger("host");
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
            _logs);
        _plugins = new PluginHost(new PluginHostOptions
        {
            Catalog = PluginDirectories.Catalog(),
            Loader = new McMasterPluginLoader(),
            Log = _logs,
            Host = new HostInformation
            {
                NodeName = Environment.MachineName.ToLowerInvariant(),
                ApiServer = new Uri($"https://{options.Listen}"),
                Executable = Environment.ProcessPath!,
                Version = ProductVersion.Text,
                CertificateAuthorityFile = _authority.CertificatePath,
                Network = _network,
            },
            DataDirectory = directory.Plugins,
            StateDirectory = directory.State,
            Contracts = _contracts,
            Permissions = _kernel.Permissions,
            ApiClientOf = _kernel.CreateClient,
            ApiServes = _kernel.Ready,
            Listeners = _listeners,
            Fatal = EndAtOnce,
        });
        _contracts.ProvideFromHost<IResourceSource>(new PluginResourceSource(), new PluginIdentity("host", "modular", ProductVersion.Text, 0));
        _server = CreateServer();
    }

    /// <summary>Starts a host; when it returns, the API is ready and every plugin was started or says why not.</summary>
    /// <exception cref="CommandException">The cluster cannot work.</exception>
    public static async Task<ClusterHost> StartAsync(ClusterOptions options, bool detached, CancellationToken cancellationToken)
    {
        options.Directory.Create();
        var distribution = DistributionFile.Read(options);
        var network = NetworkFile.Open(options, Isolation.Missing(distribution, PluginDirectories.Catalog()));
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

    /// <summary>Lets go of the terminal's streams; what is still written to them goes to the log.</summary>
    public void LeaveTerminal()
    {
        if (_logFile is not null)
        {
            StandardStreams.Detach(_logFile.SafeFileHandle);
        }
    }

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
        await _server.DisposeAsync();
        await _following;
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
        _logFile?.Dispose();
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
            _plugins, _kernel.CreateClient(new UserInfo("system:host") { Groups = ["system:masters", "system:authenticated"] }), distribution,
            Environment.MachineName.ToLowerInvariant(), _logs);
        await objects.StartAsync(cancellationToken);
        _following = FollowAsync(objects);
        _objects = objects;
        if (_network.Isolated)
        {
            _podListening = new PodListener(_contracts.Handle<IPodNetwork>(), _server, _identity, _options.Listen, _log).RunAsync(_stopping.Token);
        }

        DistributionFile.Keep(_options);
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
                .Select(s => $"plugin {s.Name} ({s.Slot.Plugin}) does not start: {s.Conditions.FirstOrDefault(c => c is { Status: false, Message.Length: > 0 })?.Message}")
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
            return _plugins.Resolve(distribution.Slots).Problems.Where(p => p.BlockedBy.Length == 0)
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
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(identity)!;
        new Kubeconfig
        {
            Server = new Uri($"https://{_options.Listen}"),
            CertificateAuthority = _authority.CertificatePem,
            ClientCertificate = identity.ExportCertificatePem(),
            ClientKey = key.ExportPkcs8PrivateKeyPem(),
        }.Write(_options.Directory.Kubeconfig);
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
                FindNode = name => FindNode(nodes, name),
                HttpEndpoints = endpoints.AcquireAll,
                Serves = () => _kernel.Ready.IsCompletedSuccessfully,
                HealthChecks =
                [
                    new HealthCheck("kernel", _ => ValueTask.FromResult(_kernel.Ready.IsCompletedSuccessfully ? null : "the kernel has not started")) { Liveness = true },
                    new HealthCheck("plugins", _ => ValueTask.FromResult(_objects is not null ? null : "plugins are being started")),
                ],
                Log = _logs,
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
