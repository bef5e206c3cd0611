namespace Modular.PluginTests.Tests;

/// <summary>A rule that a name server breaks.</summary>
public enum DnsFault
{
    None,
    DoesNotDenyNames,
    MindsCase,
    NamesEndpointsThatAreNotReady,
    AcceptsAnyBase,
    AddsWholeStates,
    KeepsRemovedServices,
    FailsForGoodAfterNonsense,
}
