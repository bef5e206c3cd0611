using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>Each test of schedulers catches the scheduler that breaks its rule, and passes one that breaks none.</summary>
public sealed class SchedulerFaultTests
{
    private static readonly Dictionary<string, SchedulerFault> Caught = new(StringComparer.Ordinal)
    {
        [nameof(SchedulerTests.EachPodIsAnsweredInOrder)] = SchedulerFault.AnswersOutOfOrder,
        [nameof(SchedulerTests.APodThatFitsNowhereIsToldWhy)] = SchedulerFault.GivesNoReason,
        [nameof(SchedulerTests.OnlyANodeThatFitsIsChosen)] = SchedulerFault.IgnoresTaints,
        [nameof(SchedulerTests.PortsOfANodeAreTakenOnce)] = SchedulerFault.IgnoresHostPorts,
        [nameof(SchedulerTests.AmountsBeyondAllBoundsFitNowhere)] = SchedulerFault.LetsSumsWrapAround,
        [nameof(SchedulerTests.ADeltaOfAnotherBaseIsRefused)] = SchedulerFault.AcceptsAnyBase,
        [nameof(SchedulerTests.RepetitionChangesNothing)] = SchedulerFault.AddsWhatItKnowsAgain,
        [nameof(SchedulerTests.RoomFollowsPodsAndNodes)] = SchedulerFault.KeepsTheRoomOfPodsThatLeft,
        [nameof(SchedulerTests.SessionsAreApart)] = SchedulerFault.SharesItsPictureAmongSessions,
        [nameof(SchedulerTests.NothingIsOvercommittedOrLeftOut)] = SchedulerFault.Overcommits,
        [nameof(SchedulerTests.ALargeClusterIsTakenIn)] = SchedulerFault.LosesNodesBeyondAThousand,
    };

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(SchedulerTests))];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_broken_rule_is_caught(string test) => Assert.NotNull(await RunAsync(test, Caught[test]));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_scheduler_passes(string test) => Assert.Null(await RunAsync(test, SchedulerFault.None));

    private static Task<Exception?> RunAsync(string test, SchedulerFault fault) => ContractTestRun.RunAsync(test, () => new TestsOf(new FaultyScheduler(fault)));

    private sealed class TestsOf(IScheduler scheduler) : SchedulerTests
    {
        protected override ValueTask<IScheduler> StartAsync() => ValueTask.FromResult(scheduler);
    }
}
