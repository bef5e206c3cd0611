using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative;

/// <summary>
/// Provides the container runtime. Stopping the plugin leaves the supervisor and its containers as they are; calls and commands go on when another
/// takes its place.
/// </summary>
public sealed class NativeRuntimePlugin : IPlugin, IMachineCleanup, ILingering
{
    private NativeRuntime? _runtime;
    private SupervisorClient? _client;
    private readonly CancellationTokenSource _stop = new();
    private IPluginContext? _context;
    private Task _connecting = Task.CompletedTask;
    private Task _lingering = Task.CompletedTask;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        var options = NativeRuntimeOptions.Read(context.Configuration);
        IRuntimeMode mode = context.Host.Network.Isolated
            ? new IsolatedMode(context.Host.Executable, [ClusterDirectoryOf(context)])
            : new ProcessMode(context.Host.Executable, context.DataDirectory, options.AddressRange);
        var launcher = new SupervisorLauncher(
            options.Supervisor, mode, context.StateDirectory, context.DataDirectory, context.Log.CreateLogger("Modular.Plugins.RuntimeNative"));
        _context = context;
        _client = new SupervisorClient(launcher);
        _runtime = new NativeRuntime(_client, mode, options, context.Self.Version, context.Time);
        context.Provide<IContainerRuntime>(_runtime);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(_context!.StateDirectory, IMachineCleanup.NoticeFile), _context.Self.Id, cancellationToken).ConfigureAwait(false);
        // A new supervisor takes a third of a second, in which the rest of the cluster can start; calls wait for it by themselves.
        _context.SetReady(false, "SupervisorStarting", "the supervisor of containers is being started");
        _connecting = ConnectAsync(_runtime!, _context, _stop.Token);
    }

    /// <inheritdoc />
    public ValueTask StopAsync(StopReason reason, CancellationToken cancellationToken)
    {
        if (reason == StopReason.Replaced)
        {
            _lingering = DisposeAfterAsync(_client!);
            _client = null;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public Task LingerAsync(CancellationToken cancellationToken) => _lingering;

    /// <inheritdoc />
    public ValueTask CleanAsync(string dataDirectory, CancellationToken cancellationToken) => SupervisorCleanup.RunAsync(dataDirectory, cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _connecting.ConfigureAwait(false);
            _stop.Dispose();
            _client?.Dispose();
        }
    }

    // The directory of the cluster holds those of its plugins: what is above them both is the cluster's own.
    private static string ClusterDirectoryOf(IPluginContext context) => Path.GetDirectoryName(Path.GetDirectoryName(context.DataDirectory))!;

    private static async Task DisposeAfterAsync(SupervisorClient client)
    {
        await client.Calls.WhenNoneAsync().ConfigureAwait(false);
        client.Dispose();
    }

    private static async Task ConnectAsync(NativeRuntime runtime, IPluginContext context, CancellationToken stop)
    {
        try
        {
            await runtime.GetInfoAsync(stop).ConfigureAwait(false);
            context.SetReady(true);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            context.SetReady(false, "SupervisorFailed", e.Message);
        }
        catch (OperationCanceledException)
        {
            // The plugin stops.
        }
    }
}
