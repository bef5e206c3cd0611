namespace Modular.EndToEnd;

/// <summary>Distributions that no other test starts.</summary>
public sealed class DistributionTests
{
    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task The_smallest_runs_pods(string mode)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(
            cancellation, "--mode", mode, "--distribution", Path.Combine(Repository.Root, "distributions", "edge.yaml"));
        (await cluster.ApplyAsync("""
            apiVersion: v1
            kind: ReplicationController
            metadata: {name: small}
            spec:
              replicas: 2
              selector: {app: small}
              template:
                metadata: {labels: {app: small}}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers: [{name: main, image: host, command: [sleep, "600"]}]
            """, cancellation)).MustSucceed();
        (await cluster.RunAsync(cancellation, "wait", "rc/small", "--for=jsonpath={.status.readyReplicas}=2", "--timeout=60s")).MustSucceed();
        var pods = await cluster.GetAsync(cancellation, "pods");
        Assert.Equal(2, pods.Select(pod => pod["status"]!["podIP"]!.GetValue<string>()).Distinct().Count());
        var roles = (await cluster.GetAsync(cancellation, "plugins")).Select(plugin => plugin["metadata"]!["name"]!.GetValue<string>());
        Assert.Empty(roles.Intersect(["service-proxy", "service-routing", "dns"]));
        (await cluster.RunAsync(cancellation, "delete", "rc", "small")).MustSucceed();
    }
}
