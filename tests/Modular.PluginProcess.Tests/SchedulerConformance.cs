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

/// <summary>Asked of a process that uses a scheduler of the host.</summary>
public sealed class BinpackThroughTheHostTests : SchedulerConformance
{
    private PluginUnderTest? _binpack;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_binpack is not null)
        {
            await _binpack.DisposeAsync();
        }
    }

    internal override async Task<PluginUnderTest> RunAsync()
    {
        _binpack = await PluginUnderTest.StartAsync("scheduler-binpack", isProcess: false);
        var scheduler = new TestRole<IScheduler>();
        scheduler.Fill(_binpack.Scheduler, "scheduler-binpack");
        return await PluginUnderTest.StartAsync("relay-fixture", isProcess: true, prepare: context =>
        {
            context.Roles[typeof(IScheduler)] = scheduler;
            context.Roles[typeof(IServiceProxy)] = new TestRole<IServiceProxy>();
        });
    }
}

public sealed class PythonTests : SchedulerConformance
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartPythonAsync();
}
