using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginProcess.Tests;

/// <summary>What every scheduler has to do, asked of this repository's, here and in a process of their own.</summary>
public abstract class SchedulerConformance(SharedScheduler shared) : SchedulerTests
{
    protected override ValueTask<IScheduler> StartAsync() => ValueTask.FromResult(shared.Scheduler);
}

public sealed class BinpackInProcessTests(BinpackInProcess shared) : SchedulerConformance(shared), IClassFixture<BinpackInProcess>;

public sealed class BinpackInItsOwnProcessTests(BinpackInItsOwnProcess shared) : SchedulerConformance(shared), IClassFixture<BinpackInItsOwnProcess>;

public sealed class SpreadInProcessTests(SpreadInProcess shared) : SchedulerConformance(shared), IClassFixture<SpreadInProcess>;

public sealed class SpreadInItsOwnProcessTests(SpreadInItsOwnProcess shared) : SchedulerConformance(shared), IClassFixture<SpreadInItsOwnProcess>;

/// <summary>Asked of a process that uses a scheduler of the host.</summary>
public sealed class BinpackThroughTheHostTests(BinpackThroughTheHost shared) : SchedulerConformance(shared), IClassFixture<BinpackThroughTheHost>;

public sealed class PythonTests(PythonScheduler shared) : SchedulerConformance(shared), IClassFixture<PythonScheduler>;
