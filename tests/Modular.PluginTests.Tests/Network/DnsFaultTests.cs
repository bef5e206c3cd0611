using System.Net;
using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>Each rule that a name server breaks is caught by the test for it; one that breaks none passes.</summary>
public sealed class DnsFaultTests
{
    private static readonly Dictionary<DnsFault, string> Caught = new()
    {
        [DnsFault.DoesNotDenyNames] = nameof(DnsServerTests.AServiceHasItsAddress),
        [DnsFault.MindsCase] = nameof(DnsServerTests.NamesHaveNoCase),
        [DnsFault.NamesEndpointsThatAreNotReady] = nameof(DnsServerTests.AHeadlessServiceIsItsReadyEndpoints),
        [DnsFault.AcceptsAnyBase] = nameof(DnsServerTests.ADeltaOfAnotherBaseIsRefused),
        [DnsFault.AddsWholeStates] = nameof(DnsServerTests.TheWholeStateReplacesWhatWasKnown),
        [DnsFault.KeepsRemovedServices] = nameof(DnsServerTests.ARemovedServiceHasNoName),
        [DnsFault.FailsForGoodAfterNonsense] = nameof(DnsServerTests.NonsenseHarmsNothingElse),
    };

    public static TheoryData<DnsFault> Faults => [.. Enum.GetValues<DnsFault>().Except([DnsFault.None])];

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(DnsServerTests))];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_broken_rule_is_caught_by_its_test(DnsFault fault) =>
        Assert.NotNull(await ContractTestRun.RunAsync(Caught[fault], () => new TestsOf(fault)));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_server_passes(string test) => Assert.Null(await ContractTestRun.RunAsync(test, () => new TestsOf(DnsFault.None)));

    [Fact]
    public void Each_test_catches_a_fault() => Assert.Equal(ContractTestRun.TestsOf(typeof(DnsServerTests)).Order(), Caught.Values.Distinct().Order());

    private sealed class TestsOf(DnsFault fault) : DnsServerTests
    {
        private readonly FaultyDns _server = new(fault);

        protected override IPEndPoint Endpoint => _server.Endpoint;

        public override async ValueTask DisposeAsync()
        {
            await _server.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override ValueTask<IDnsServer> StartAsync() => new(_server);
    }
}
