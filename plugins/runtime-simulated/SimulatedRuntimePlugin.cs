using Modular.Abstractions;

namespace Modular.Plugins.RuntimeSimulated;

/// <summary>Provides the container runtime. Stopping the plugin leaves the records as they are; the next instance goes on with them.</summary>
public sealed class SimulatedRuntimePlugin : IPlugin
{
    private SimulatedRuntime? _runtime;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        var log = context.Log.CreateLogger("Modular.Plugins.RuntimeSimulated");
        var files = new SandboxFiles(Path.Combine(context.StateDirectory, "sandboxes"), log);
        _runtime = new SimulatedRuntime(SimulatedRuntimeOptions.Read(context.Configuration), files, context.Self.Version, context.Time, log);
        context.Provide<IContainerRuntime>(_runtime);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _runtime?.Dispose();
        return ValueTask.CompletedTask;
    }
}
