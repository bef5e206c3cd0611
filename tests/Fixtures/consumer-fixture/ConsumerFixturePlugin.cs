using Modular.Abstractions;

namespace Modular.Plugins.ConsumerFixture;

/// <summary>Leases the scheduler while it starts and writes down who it was.</summary>
public sealed class ConsumerFixturePlugin : IPlugin
{
    private IPluginContext? _context;
    private ContractHandle<IScheduler>? _scheduler;

    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        _context = context;
        _scheduler = context.Require<IScheduler>();
        return ValueTask.CompletedTask;
    }

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        using var lease = _scheduler!.Acquire();
        File.WriteAllText(Path.Combine(_context!.DataDirectory, "scheduler"), $"{lease.Provider.Name} {lease.Provider.Version}");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
