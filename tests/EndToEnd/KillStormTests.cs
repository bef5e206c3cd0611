namespace Modular.EndToEnd;

/// <summary>The short forms of the kill storms; bench/KillStorm has the long ones.</summary>
public sealed class KillStormTests
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled()
    {
        var storm = new KillStorm(kills: 5, seed: 20261123, TestContext.Current.SendDiagnosticMessage);
        Assert.Empty(await storm.RunAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task Whatever_is_killed_the_cluster_works_and_leaves_nothing_behind(string mode)
    {
        var storm = new MachineStorm(mode, kills: 6, seed: 20261123, TestContext.Current.SendDiagnosticMessage);
        Assert.Empty(await storm.RunAsync(TestContext.Current.CancellationToken));
    }
}
