using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginProcess.Tests;

/// <summary>What every scheduler has to do, asked of this repository's, here and in a process of their own.</summary>
public abstract class SchedulerConformance : SchedulerTests
{
    private PluginUnderTest? _test;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    internal abstract Task<PluginUnderTest> RunAsync();

    protected override async ValueTask<IScheduler> StartAsync()
    {
        _test = await RunAsync();
        return _test.Scheduler;
    }
}

public sealed class BinpackInProcessTests : SchedulerConformance
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartAsync("scheduler-binpack", isProcess: false);
}

public sealed class BinpackInItsOwnProcessTests : SchedulerConformance
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartAsync("scheduler-binpack", isProcess: true);
}

public sealed class SpreadInProcessTests : SchedulerConformance
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartAsync("scheduler-spread", isProcess: false);
}

public sealed class SpreadInItsOwnProcessTests : SchedulerConformance
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartAsync("scheduler-spread", isProcess: true);
}

public sealed class PythonTests : SchedulerConformance
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartPythonAsync();
}
