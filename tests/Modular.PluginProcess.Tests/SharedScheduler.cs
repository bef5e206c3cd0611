using Modular.Abstractions;

namespace Modular.PluginProcess.Tests;

/// <summary>A scheduler that all tests of a class ask: what a test tells it, it tells a session of its own, and sessions know nothing of each other.</summary>
public abstract class SharedScheduler : IAsyncLifetime
{
    private PluginUnderTest? _test;

    public IScheduler Scheduler => _test!.Scheduler;

    public async ValueTask InitializeAsync() => _test = await RunAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }
    }

    internal abstract Task<PluginUnderTest> RunAsync();
}

public sealed class BinpackInProcess : SharedScheduler
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartAsync("scheduler-binpack", isProcess: false);
}

public sealed class BinpackInItsOwnProcess : SharedScheduler
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartAsync("scheduler-binpack", isProcess: true);
}

public sealed class SpreadInProcess : SharedScheduler
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartAsync("scheduler-spread", isProcess: false);
}

public sealed class SpreadInItsOwnProcess : SharedScheduler
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartAsync("scheduler-spread", isProcess: true);
}

/// <summary>A process that uses a scheduler of the host.</summary>
public sealed class BinpackThroughTheHost : SharedScheduler
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

public sealed class PythonScheduler : SharedScheduler
{
    internal override Task<PluginUnderTest> RunAsync() => PluginUnderTest.StartPythonAsync();
}
