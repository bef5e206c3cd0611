using Grpc.Core;
using Modular.Abstractions;
using Modular.PluginLoader;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Child;

/// <summary>Leads the plugin of this process through its life, as the host says.</summary>
internal sealed class PluginService(
    InstalledPlugin installed, ILoadedPlugin code, ProvidedContracts contracts, ChildLog log, ReadyState ready, Func<string, IApiClient> openApi) : Protocol.Plugin.PluginBase, IAsyncDisposable
{
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildContext? _context;
    private HostContracts? _host;
    private IPlugin? _plugin;

    /// <summary>Whether the plugin was stopped in good order, so that the process may end.</summary>
    public bool HasStopped { get; private set; }

    /// <summary>Completes when a plugin that was replaced and stopped carries nothing any more.</summary>
    public Task Left => _left.Task;

    public override async Task<Protocol.ProvisionReply> Provision(Protocol.ProvisionRequest request, ServerCallContext context)
    {
        if (_plugin is not null)
        {
            throw Failed("the plugin is provisioned already");
        }

        var api = new Lazy<IApiClient>(() => request.Kubeconfig.Length > 0
            ? openApi(request.Kubeconfig)
            : throw new InvalidOperationException($"{request.Self.Id} calls the API, and its manifest asks for no permissions"));
        _host = new HostContracts(installed.Manifest.Requires, request.Contracts);
        _context = new ChildContext(request, contracts, _host, log, ready, api);
        await StepAsync("Provision", async () =>
        {
            await _host.FollowAsync(LoseContracts, context.CancellationToken);
            _plugin = code.Create();
            await _plugin.ProvisionAsync(_context, context.CancellationToken);
        });
        return new() { Lingers = _plugin is ILingering { Lingers: true } };
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

        if (reason != StopReason.Replaced || _plugin is not ILingering { Lingers: true } lingering || lingering.LingerAsync(CancellationToken.None) is not { IsCompleted: false } carrying)
        {
            return new();
        }

        _ = carrying.ContinueWith(_ => _left.TrySetResult(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return new() { Lingers = true };
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
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    private void LoseContracts(string trouble)
    {
        // Whoever lingers after its end uses nothing any more.
        if (!HasStopped)
        {
            _context!.Fatal($"the host no longer says who provides what this plugin requires ({trouble})");
        }
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
