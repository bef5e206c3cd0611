using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginVerifier;

/// <summary>The tests of schedulers.</summary>
public abstract class SchedulerVerification(PluginPlace place) : SchedulerTests
{
    private readonly RunningPlugin _plugin = new(place);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _plugin.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IScheduler> StartAsync() => await _plugin.StartAsync<IScheduler>();
}

public sealed class SchedulerInProcess() : SchedulerVerification(PluginPlace.InProcess);

public sealed class SchedulerInItsOwnProcess() : SchedulerVerification(PluginPlace.OwnProcess);
