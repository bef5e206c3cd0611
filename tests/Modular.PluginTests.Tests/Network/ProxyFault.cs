namespace Modular.PluginTests.Tests;

/// <summary>A rule that a service proxy breaks.</summary>
public enum ProxyFault
{
    None,
    UsesEndpointsThatAreNotReady,
    AnswersDatagramsItself,
    AcceptsAnyBase,
    AddsWholeStates,
    KeepsRemovedServices,
    CutsAllConnectionsOnAChange,
    IgnoresDrains,
    SaysThatNothingIsLeft,
    DrainsTheLast,
    HidesProblems,
    FailsForGoodAfterNonsense,
}
