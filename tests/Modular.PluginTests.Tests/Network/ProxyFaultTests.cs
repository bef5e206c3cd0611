using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>Each rule that a service proxy breaks is caught by the test for it; one that breaks none passes.</summary>
public sealed class ProxyFaultTests
{
    private static readonly Dictionary<ProxyFault, string> Caught = new()
    {
        [ProxyFault.UsesEndpointsThatAreNotReady] = nameof(ServiceProxyTests.ConnectionsGoToReadyEndpoints),
        [ProxyFault.AnswersDatagramsItself] = nameof(ServiceProxyTests.DatagramsAreCarriedToo),
        [ProxyFault.AcceptsAnyBase] = nameof(ServiceProxyTests.ADeltaOfAnotherBaseIsRefused),
        [ProxyFault.AddsWholeStates] = nameof(ServiceProxyTests.TheWholeStateReplacesWhatWasKnown),
        [ProxyFault.KeepsRemovedServices] = nameof(ServiceProxyTests.ARemovedServiceTakesNothingNew),
        [ProxyFault.CutsAllConnectionsOnAChange] = nameof(ServiceProxyTests.ConnectionsToEndpointsThatStayAreNotTouched),
        [ProxyFault.IgnoresDrains] = nameof(ServiceProxyTests.ADrainedEndpointTakesNothingNew),
        [ProxyFault.SaysThatNothingIsLeft] = nameof(ServiceProxyTests.ADrainedEndpointTakesNothingNew),
        [ProxyFault.DrainsTheLast] = nameof(ServiceProxyTests.WhereNobodyElseAnswersADrainedEndpointDoes),
        [ProxyFault.HidesProblems] = nameof(ServiceProxyTests.WhatCannotBeServedIsSaidAndTheRestServed),
        [ProxyFault.FailsForGoodAfterNonsense] = nameof(ServiceProxyTests.NonsenseHarmsNothingElse),
    };

    public static TheoryData<ProxyFault> Faults => [.. Enum.GetValues<ProxyFault>().Except([ProxyFault.None])];

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(ServiceProxyTests))];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_broken_rule_is_caught_by_its_test(ProxyFault fault) =>
        Assert.NotNull(await ContractTestRun.RunAsync(Caught[fault], () => new TestsOf(fault)));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_proxy_passes(string test) => Assert.Null(await ContractTestRun.RunAsync(test, () => new TestsOf(ProxyFault.None)));

    [Fact]
    public void Each_test_catches_a_fault() => Assert.Equal(ContractTestRun.TestsOf(typeof(ServiceProxyTests)).Order(), Caught.Values.Distinct().Order());

    private sealed class TestsOf(ProxyFault fault) : ServiceProxyTests
    {
        private readonly FaultyProxy _proxy = new(fault);

        public override async ValueTask DisposeAsync()
        {
            await _proxy.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override ValueTask<IServiceProxy> StartAsync() => new(_proxy);
    }
}
