namespace Modular.PluginTests.Tests;

/// <summary>A rule that a pod network breaks.</summary>
public enum PodNetworkFault
{
    None,
    GivesTheNodesAddress,
    GivesAnotherAddressWhenAskedAgain,
    ListsNothing,
    DoesNotLetGo,
    FailsForWhoNeverWas,
    LeadsAPortToTwo,
    KeepsPortsOfThoseWhoLeft,
    ConnectsWhatIsNotThere,
    LooksBeforeItsTurn,
    IgnoresCancellation,
}
