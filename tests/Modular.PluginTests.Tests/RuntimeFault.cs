namespace Modular.PluginTests.Tests;

/// <summary>A rule that a container runtime breaks.</summary>
public enum RuntimeFault
{
    None,
    IsAnotherEachTime,
    TakesAnyImage,
    StartsAgain,
    RefusesUnknownIds,
    TakesContainersWithoutSandbox,
    ForgetsLabels,
    RepeatsEvents,
    LosesTheContainerOfAnEvent,
    IgnoresUnknownPositions,
    LosesExitCodes,
    KillsAtOnce,
    WaitsForTheDeaf,
    LeavesContainersOfAStoppedSandbox,
    RemovesWhatRuns,
    ForgetsAtRestart,
    WritesPlainLogs,
    HidesWhatCanNotStart,
    MixesOutputAndErrors,
    RunsCommandsAnywhere,
    CallsAGivenUpCommandDone,
    FollowsIds,
    FailsOnHugeEnvironments,
}
