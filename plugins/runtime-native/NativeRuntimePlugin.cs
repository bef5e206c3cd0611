using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative;

/// <summary>Provides the container runtime. Stopping the plugin leaves the supervisor and its containers as they are.</summary>
public sealed class NativeRuntimePlugin : IPlugin
{
    private NativeRuntime? _runtime;
    private SupervisorClient? _client;
    private IPluginContext? _context;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        var options = NativeRuntimeOptions.Read(context.Configuration);
        var launcher = new SupervisorLauncher(
            options, context.StateDirectory, context.DataDirectory, context.Log.CreateLogger("Modular.Plugins.RuntimeNative"));
        _context = context;
        _client = new SupervisorClient(launcher);
        _runtime = new NativeRuntime(_client, new ProcessMode(context.Host.Executable, context.DataDirectory), context.Self.Version, context.Time);
        context.Provide<IContainerRuntime>(_runtime);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await _runtime!.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        _context!.SetReady(true);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _client?.Dispose();
        return ValueTask.CompletedTask;
    }
}
