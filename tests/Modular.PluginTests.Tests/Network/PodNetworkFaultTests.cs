using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>Each rule that a pod network breaks is caught by the test for it; one that breaks none passes.</summary>
public sealed class PodNetworkFaultTests
{
    private static readonly Dictionary<PodNetworkFault, string> Caught = new()
    {
        [PodNetworkFault.GivesTheNodesAddress] = nameof(PodNetworkTests.EachSandboxHasAnAddressOfItsOwn),
        [PodNetworkFault.GivesAnotherAddressWhenAskedAgain] = nameof(PodNetworkTests.AskedAgainASandboxKeepsItsAddress),
        [PodNetworkFault.ListsNothing] = nameof(PodNetworkTests.TheListIsOfAllThatAreConnected),
        [PodNetworkFault.DoesNotLetGo] = nameof(PodNetworkTests.DetachingIsForAllWhoEverWere),
        [PodNetworkFault.FailsForWhoNeverWas] = nameof(PodNetworkTests.DetachingIsForAllWhoEverWere),
        [PodNetworkFault.LeadsAPortToTwo] = nameof(PodNetworkTests.AHostPortIsHadOnce),
        [PodNetworkFault.KeepsPortsOfThoseWhoLeft] = nameof(PodNetworkTests.AHostPortIsHadOnce),
        [PodNetworkFault.ConnectsWhatIsNotThere] = nameof(PodNetworkTests.ASandboxWithoutANamespaceIsRefused),
        [PodNetworkFault.LooksBeforeItsTurn] = nameof(PodNetworkTests.ManyMayComeAtOnce),
        [PodNetworkFault.IgnoresCancellation] = nameof(PodNetworkTests.ACancelledCallChangesNothing),
    };

    public static TheoryData<PodNetworkFault> Faults => [.. Enum.GetValues<PodNetworkFault>().Except([PodNetworkFault.None])];

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(PodNetworkTests))];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_broken_rule_is_caught_by_its_test(PodNetworkFault fault) =>
        Assert.NotNull(await ContractTestRun.RunAsync(Caught[fault], () => new TestsOf(fault)));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_network_passes(string test) => Assert.Null(await ContractTestRun.RunAsync(test, () => new TestsOf(PodNetworkFault.None)));

    [Fact]
    public void Each_test_catches_a_fault() => Assert.Equal(ContractTestRun.TestsOf(typeof(PodNetworkTests)).Order(), Caught.Values.Distinct().Order());

    private sealed class TestsOf(PodNetworkFault fault) : PodNetworkTests
    {
        private int _sandboxes;

        protected override ValueTask<IPodNetwork> StartAsync() => new(new FaultyPodNetwork(fault));

        protected override ValueTask<string> CreateSandboxAsync() => new($"/sandbox/{++_sandboxes}");
    }
}
