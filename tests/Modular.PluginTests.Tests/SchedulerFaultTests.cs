using System.Reflection;
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

    public static TheoryData<string> Tests =>
        [.. typeof(SchedulerTests).GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_broken_rule_is_caught(string test) => Assert.NotNull(await Record.ExceptionAsync(() => RunAsync(test, Caught[test])));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_scheduler_passes(string test) => Assert.Null(await Record.ExceptionAsync(() => RunAsync(test, SchedulerFault.None)));

    private static async Task RunAsync(string test, SchedulerFault fault)
    {
        await using var tests = new TestsOf(new FaultyScheduler(fault));
        await tests.InitializeAsync();
        var method = typeof(SchedulerTests).GetMethod(test)!;
        await (Task)method.Invoke(tests, [.. method.GetParameters().Select(_ => (object)1)])!;
    }

    private sealed class TestsOf(IScheduler scheduler) : SchedulerTests
    {
        protected override ValueTask<IScheduler> StartAsync() => ValueTask.FromResult(scheduler);
    }
}
