using System.Diagnostics;

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
    public async Task What_was_killed_altogether_is_cleaned_when_the_cluster_is_taken_down(string mode)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation, "--mode", mode);
        var inventory = new MachineInventory(cluster.DataDirectory);
        (await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              hostPID: true
              containers: [{name: a, image: host, command: [sh, -c, "setsid sleep 1000 & sleep 1000 & wait"]}]
            """, cancellation)).MustSucceed();
        await cluster.WaitAsync("pod/p", "condition=Ready", cancellation);
        Assert.NotEmpty(inventory.Find());

        Process.GetProcessById(cluster.HostPid).Kill();
        Process.GetProcessById(cluster.SupervisorPid).Kill();
        (await cluster.RunAsync(cancellation, "down")).MustSucceed();
        Assert.Empty(inventory.Find());
    }

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task Whatever_is_killed_the_cluster_works_and_leaves_nothing_behind(string mode)
    {
        var storm = new MachineStorm(mode, kills: 6, seed: 20261123, TestContext.Current.SendDiagnosticMessage);
        Assert.Empty(await storm.RunAsync(TestContext.Current.CancellationToken));
    }
}
