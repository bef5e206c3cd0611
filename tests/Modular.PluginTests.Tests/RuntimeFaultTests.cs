using System.Reflection;
using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>Each test of container runtimes catches the runtime that breaks its rule, and passes one that breaks none.</summary>
public sealed class RuntimeFaultTests
{
    private static readonly Dictionary<string, RuntimeFault> Caught = new(StringComparer.Ordinal)
    {
        [nameof(ContainerRuntimeTests.TheRuntimeSaysWhatItIs)] = RuntimeFault.IsAnotherEachTime,
        [nameof(ContainerRuntimeTests.ImagesAreHadOrRefused)] = RuntimeFault.TakesAnyImage,
        [nameof(ContainerRuntimeTests.EnsuringAgainChangesNothing)] = RuntimeFault.StartsAgain,
        [nameof(ContainerRuntimeTests.UnknownIdsAreNoErrorAtTheEnd)] = RuntimeFault.RefusesUnknownIds,
        [nameof(ContainerRuntimeTests.UnknownIdsAreRefusedAtTheBeginning)] = RuntimeFault.TakesContainersWithoutSandbox,
        [nameof(ContainerRuntimeTests.TheListIsWhatThereIs)] = RuntimeFault.ForgetsLabels,
        [nameof(ContainerRuntimeTests.EventsFollowAPosition)] = RuntimeFault.RepeatsEvents,
        [nameof(ContainerRuntimeTests.EventsComeAsTheyHappen)] = RuntimeFault.LosesTheContainerOfAnEvent,
        [nameof(ContainerRuntimeTests.AnUnknownPositionIsAResync)] = RuntimeFault.IgnoresUnknownPositions,
        [nameof(ContainerRuntimeTests.AnEndIsKept)] = RuntimeFault.LosesExitCodes,
        [nameof(ContainerRuntimeTests.AGraceIsGivenButNotMore)] = RuntimeFault.KillsAtOnce,
        [nameof(ContainerRuntimeTests.AContainerThatDoesNotListenIsKilled)] = RuntimeFault.WaitsForTheDeaf,
        [nameof(ContainerRuntimeTests.ASandboxTakesItsContainersAlong)] = RuntimeFault.LeavesContainersOfAStoppedSandbox,
        [nameof(ContainerRuntimeTests.WhatRunsIsNotRemoved)] = RuntimeFault.RemovesWhatRuns,
        [nameof(ContainerRuntimeTests.AnotherInstanceGoesOn)] = RuntimeFault.ForgetsAtRestart,
        [nameof(ContainerRuntimeTests.OutputGoesToTheLog)] = RuntimeFault.WritesPlainLogs,
        [nameof(ContainerRuntimeTests.AProgramThatIsNotThereIsRefused)] = RuntimeFault.HidesWhatCanNotStart,
        [nameof(ContainerRuntimeTests.ACommandHasItsStreams)] = RuntimeFault.MixesOutputAndErrors,
        [nameof(ContainerRuntimeTests.ACommandNeedsARunningContainer)] = RuntimeFault.RunsCommandsAnywhere,
        [nameof(ContainerRuntimeTests.ACommandThatIsGivenUpEnds)] = RuntimeFault.CallsAGivenUpCommandDone,
        [nameof(ContainerRuntimeTests.AllWhoAreAttachedHearAndSpeak)] = RuntimeFault.TellsOthersSomethingElse,
        [nameof(ContainerRuntimeTests.AContainerOutlivesThoseWhoAttach)] = RuntimeFault.EndsWithWhoAttached,
        [nameof(ContainerRuntimeTests.AnInputForOnceEndsWithWhoGaveIt)] = RuntimeFault.KeepsAnInputForOnceOpen,
        [nameof(ContainerRuntimeTests.AttachingNeedsARunningContainer)] = RuntimeFault.AttachesAnywhere,
        [nameof(ContainerRuntimeTests.ATerminalHasOneOutput)] = RuntimeFault.GivesATerminalTwoOutputs,
        [nameof(ContainerRuntimeTests.AContainerWaitsForNobodyWhoIsAttached)] = RuntimeFault.WaitsForWhoDoesNotRead,
        [nameof(ContainerRuntimeTests.IdsLeadNowhereElse)] = RuntimeFault.FollowsIds,
        [nameof(ContainerRuntimeTests.AHugeEnvironmentTroublesNobodyElse)] = RuntimeFault.FailsOnHugeEnvironments,
    };

    public static TheoryData<string> Tests =>
        [.. typeof(ContainerRuntimeTests).GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_broken_rule_is_caught(string test) => Assert.NotNull(await Record.ExceptionAsync(() => RunAsync(test, Caught[test])));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_runtime_passes(string test) => Assert.Null(await Record.ExceptionAsync(() => RunAsync(test, RuntimeFault.None)));

    private static async Task RunAsync(string test, RuntimeFault fault)
    {
        await using var tests = new TestsOf(fault);
        await tests.InitializeAsync();
        await (Task)typeof(ContainerRuntimeTests).GetMethod(test)!.Invoke(tests, [])!;
    }

    private sealed class TestsOf(RuntimeFault fault) : ContainerRuntimeTests
    {
        private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("modular-runtime-");
        private FaultyRuntime? _runtime;

        protected override IReadOnlyList<string> Directories => [Kept];

        protected override string LogDirectory => Directory.CreateDirectory(Path.Combine(_root.FullName, "logs")).FullName;

        protected override string Image => "here";

        // What a broken rule keeps from happening is not waited for.
        protected override TimeSpan Patience => fault == RuntimeFault.None ? base.Patience : TimeSpan.FromMilliseconds(100);

        protected override IReadOnlyList<string> Lasting => ["last"];

        protected override IReadOnlyList<string> Copying => ["copy"];

        private string Kept => Directory.CreateDirectory(Path.Combine(_root.FullName, "data")).FullName;

        public override ValueTask DisposeAsync()
        {
            _root.Delete(recursive: true);
            return base.DisposeAsync();
        }

        protected override IReadOnlyList<string> Ending(int code) => ["end", $"{code}"];

        protected override IReadOnlyList<string> Deaf(string line) => ["deaf", line];

        protected override IReadOnlyList<string> Flooding(int code) => ["flood", $"{code}"];

        protected override IReadOnlyList<string> Saying(string output, string error, int code) => ["say", output, error, $"{code}"];

        protected override ValueTask<IContainerRuntime> StartAsync() => ValueTask.FromResult<IContainerRuntime>(_runtime = new FaultyRuntime(fault, Kept));

        protected override ValueTask<IContainerRuntime> RestartAsync() => ValueTask.FromResult<IContainerRuntime>(_runtime!.Restart());
    }
}
