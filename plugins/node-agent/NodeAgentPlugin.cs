using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.Abstractions.Http;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Endpoint;
using Modular.Plugins.NodeAgent.Nodes;
using Modular.Plugins.NodeAgent.Pods;
using Modular.Plugins.NodeAgent.Volumes;
using Modular.Toolkit;

namespace Modular.Plugins.NodeAgent;

/// <summary>
/// Runs this node's pods. Stopping the plugin leaves the containers as they are; commands and followed logs go on when another takes its place.
/// </summary>
public sealed class NodeAgentPlugin : IPlugin, ILingering
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _stopWatching = new();
    private NodeEndpoint? _endpoint;
    private Task _watching = Task.CompletedTask;
    private Task _lingering = Task.CompletedTask;
    private IPluginContext? _context;
    private AgentServices? _services;
    private NodeAgent? _agent;
    private NodeRegistration? _registration;
    private Task _running = Task.CompletedTask;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        var options = NodeAgentOptions.Read(context.Configuration);
        var log = context.Log.CreateLogger("Modular.Plugins.NodeAgent");
        var runtime = new RuntimeView(context.Require<IContainerRuntime>(), context.Time, log);
        var name = options.NodeName.Length > 0 ? options.NodeName : context.Host.NodeName;
        var address = options.Address.Length > 0 ? options.Address : MachineFacts.Address();
        _context = context;
        _services = new AgentServices
        {
            NodeName = name,
            NodeAddress = address,
            Network = context.Host.Network,
            Options = options,
            Directories = new PodDirectories(Path.Combine(context.DataDirectory, "pods")),
            Api = context.Api,
            Services = new KnownServices(context.Api, context.Time, log),
            References = new ReferencedObjects(context.Api),
            Runtime = runtime,
            Attachments = new PodAttachments(context.Require<IPodNetwork>(), context.Host.Network.Isolated),
            Drain = new EndpointDrain(context.Require<IServiceProxy>(), context.Time),
            Events = new EventRecorder(context.Api, "kubelet", context.Time, log, name),
            Time = context.Time,
            Log = log,
        };
        _agent = new NodeAgent(_services);
        var node = new NodeObject(name, address, context.Host.Version, options);
        _registration = new NodeRegistration(context.Api, runtime, _services.Attachments, node, name, options, context.Time, log);
        _endpoint = new NodeEndpoint(_services, _agent);
        context.Provide<INodeEndpoint>(_endpoint);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _watching = Task.Run(() => _services!.Runtime.RunAsync(_stopWatching.Token), CancellationToken.None);
        _running = Task.WhenAll(
            Task.Run(() => _services!.Services.RunAsync(_stop.Token), CancellationToken.None),
            Task.Run(() => _agent!.RunAsync(_stop.Token), CancellationToken.None),
            Task.Run(() => _registration!.RunAsync(_stop.Token), CancellationToken.None));
        _context!.SetReady(true);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (reason == StopReason.Replaced)
        {
            // Whoever follows a log is told of its container's end.
            _lingering = EndWatchingAfterAsync(_endpoint!.Requests.WhenNoneAsync());
        }
    }

    /// <inheritdoc />
    public Task LingerAsync(CancellationToken cancellationToken) => _lingering;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_services is null)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_lingering.IsCompleted)
        {
            await EndWatchingAfterAsync(Task.CompletedTask).ConfigureAwait(false);
        }

        await _agent!.DisposeAsync().ConfigureAwait(false);
        await _services.References.DisposeAsync().ConfigureAwait(false);
        await _services.Events.DisposeAsync().ConfigureAwait(false);
        _services = null;
        _stop.Dispose();
    }

    private async Task EndWatchingAfterAsync(Task requests)
    {
        await requests.ConfigureAwait(false);
        await _stopWatching.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
