namespace Modular.PluginTests.Tests;

/// <summary>A rule that a scheduler breaks.</summary>
public enum SchedulerFault
{
    None,
    AnswersOutOfOrder,
    GivesNoReason,
    IgnoresTaints,
    IgnoresHostPorts,
    LetsSumsWrapAround,
    AcceptsAnyBase,
    AddsWhatItKnowsAgain,
    KeepsTheRoomOfPodsThatLeft,
    SharesItsPictureAmongSessions,
    Overcommits,
    LosesNodesBeyondAThousand,
}
