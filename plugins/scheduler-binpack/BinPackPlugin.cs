using Modular.Abstractions;

namespace Modular.Plugins.SchedulerBinpack;

/// <summary>Provides the scheduler; there is nothing to run.</summary>
public sealed class BinPackPlugin : IPlugin
{
    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        context.Provide<IScheduler>(new BinPackScheduler());
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
