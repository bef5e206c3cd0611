using Grpc.Core;
using Modular.Abstractions;
using Modular.PluginLoader;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Child;

/// <summary>Leads the plugin of this process through its life, as the host says.</summary>
internal sealed class PluginService(
    InstalledPlugin installed, ILoadedPlugin code, ProvidedContracts contracts, ChildLog log, ReadyState ready, Func<string, IApiClient> openApi) : Protocol.Plugin.PluginBase, IAsyncDisposable
{
    private ChildContext? _context;
    private IPlugin? _plugin;

    /// <summary>Whether the plugin was stopped in good order, so that the process may end.</summary>
    public bool HasStopped { get; private set; }

    public override async Task<Protocol.ProvisionReply> Provision(Protocol.ProvisionRequest request, ServerCallContext context)
    {
        if (_plugin is not null)
        {
            throw Failed("the plugin is provisioned already");
        }

        var api = new Lazy<IApiClient>(() => request.Kubeconfig.Length > 0
            ? openApi(request.Kubeconfig)
            : throw new InvalidOperationException($"{request.Self.Id} calls the API, and its manifest asks for no permissions"));
        _context = new ChildContext(request, contracts, log, ready, api);
        await StepAsync("Provision", () =>
        {
            _plugin = code.Create();
            return _plugin.ProvisionAsync(_context, context.CancellationToken);
        });
        return new();
    }

    public override async Task<Protocol.StartReply> Start(Protocol.StartRequest request, ServerCallContext context)
    {
        await StepAsync("Start", () => Provisioned().StartAsync(context.CancellationToken));
        return new();
    }

    public override async Task<Protocol.StopReply> Stop(Protocol.StopRequest request, ServerCallContext context)
    {
        var reason = Enum.TryParse<StopReason>(request.Reason, out var known) ? known : StopReason.Shutdown;
        try
        {
            await StepAsync("Stop", () => Provisioned().StopAsync(reason, context.CancellationToken));
        }
        finally
        {
            HasStopped = true;
        }

        return new();
    }

    public override async Task Watch(Protocol.WatchRequest request, IServerStreamWriter<Protocol.Condition> conditions, ServerCallContext context)
    {
        try
        {
            await foreach (var condition in ready.ReadAsync(context.CancellationToken))
            {
                await conditions.WriteAsync(condition, context.CancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host has heard enough.
        }
    }

    public override Task<Protocol.CheckReply> Check(Protocol.CheckRequest request, ServerCallContext context) => Task.FromResult(new Protocol.CheckReply());

    public async ValueTask DisposeAsync()
    {
        if (_plugin is not null)
        {
            await _plugin.DisposeAsync();
        }

        _context?.Dispose();
    }

    private IPlugin Provisioned() => _plugin ?? throw Failed("the plugin is not provisioned");

    private async Task StepAsync(string step, Func<ValueTask> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (e is not (RpcException or OperationCanceledException))
        {
            throw Failed($"{step} of {installed.Manifest.Id} {installed.Manifest.Version} failed: {e.Message}");
        }
    }

    private static RpcException Failed(string reason) => new(new Status(StatusCode.FailedPrecondition, reason));
}
