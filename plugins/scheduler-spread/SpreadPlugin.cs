using Modular.Abstractions;

namespace Modular.Plugins.SchedulerSpread;

/// <summary>Provides the scheduler; there is nothing to run.</summary>
public sealed class SpreadPlugin : IPlugin
{
    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        context.Provide<IScheduler>(new SpreadScheduler());
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
