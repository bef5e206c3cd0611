using System.Text.Json.Nodes;

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
            cancellation, "--mode", mode, "--distribution", "edge");
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
        await cluster.WaitAsync("rc/small", "jsonpath={.status.readyReplicas}=2", cancellation);
        var pods = await cluster.GetAsync(cancellation, "pods");
        Assert.Equal(2, pods.Select(pod => pod["status"]!["podIP"]!.GetValue<string>()).Distinct().Count());
        var roles = (await cluster.GetAsync(cancellation, "plugins")).Select(plugin => plugin["metadata"]!["name"]!.GetValue<string>());
        Assert.Empty(roles.Intersect(["service-proxy", "service-routing", "dns"]));
        (await cluster.RunAsync(cancellation, "delete", "rc", "small")).MustSucceed();
    }

    [Fact]
    public async Task Simulated_nodes_give_pods_the_lives_of_the_rules()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation, "--distribution", "simulated");
        (await cluster.RunAsync(cancellation, "wait", "node/hollow-1", "node/hollow-2", "node/hollow-3", "--for=condition=Ready", "--timeout=3m")).MustSucceed();
        (await cluster.ApplyAsync(Controller("steady", replicas: 6), cancellation)).MustSucceed();
        (await cluster.ApplyAsync(Controller("fail", replicas: 1), cancellation)).MustSucceed();
        (await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: once, labels: {life: complete}}
            spec:
              restartPolicy: Never
              containers: [{name: main, image: "registry.invalid/any:1"}]
            """, cancellation)).MustSucceed();

        await cluster.WaitAsync("rc/steady", "jsonpath={.status.readyReplicas}=6", cancellation);
        await cluster.WaitAsync("pod/once", "jsonpath={.status.phase}=Succeeded", cancellation);
        var failing = NameOf(Assert.Single(await cluster.GetAsync(cancellation, "pods", "-l", "life=fail")));
        (await cluster.RunAsync(
            cancellation, "wait", $"pod/{failing}", "--for=jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}=1", "--timeout=3m")).MustSucceed();

        var steady = await cluster.GetAsync(cancellation, "pods", "-l", "life=steady");
        Assert.Equal(["hollow-1", "hollow-2", "hollow-3"], steady.Select(pod => pod["spec"]!["nodeName"]!.GetValue<string>()).Distinct().Order());
        Assert.Equal(6, steady.Select(pod => pod["status"]!["podIP"]!.GetValue<string>()).Distinct().Count());
        foreach (var pod in steady)
        {
            Assert.Contains("it is simulated", (await cluster.RunAsync(cancellation, "logs", NameOf(pod))).MustSucceed().Output, StringComparison.Ordinal);
        }

        var refused = await cluster.RunAsync(cancellation, "exec", NameOf(steady[0]), "--", "true");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("runtime-simulated runs no commands", refused.Output + refused.Errors, StringComparison.Ordinal);

        // Agents that start clear away what belongs to no pod: each its own node's only.
        (await cluster.RunAsync(cancellation, "down")).MustSucceed();
        (await cluster.UpAsync(cancellation)).MustSucceed();
        (await cluster.RunAsync(cancellation, "delete", "pod", NameOf(steady[0]))).MustSucceed();
        await cluster.WaitAsync("rc/steady", "jsonpath={.status.readyReplicas}=6", cancellation);
        var after = await cluster.GetAsync(cancellation, "pods", "-l", "life=steady");
        Assert.Equal(5, after.Select(NameOf).Intersect(steady.Select(NameOf)).Count());
        Assert.All(after, pod => Assert.Equal(0, pod["status"]!["containerStatuses"]![0]!["restartCount"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_start_names_the_roles_that_nothing_fills_and_a_grant_that_the_file_adds_counts()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = new TestCluster();
        var dev = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "distributions", "dev.yaml"), cancellation);
        var file = Path.Combine(cluster.DataDirectory, "mine.yaml");
        await File.WriteAllTextAsync(file, dev.Replace("[net-admin, sys-admin, sys-ptrace]", "[net-admin]", StringComparison.Ordinal), cancellation);

        var refused = (await cluster.UpAsync(cancellation, "--distribution", file)).MustSucceed();

        Assert.Contains("modular: network does not run: network-bridge asks for host privileges that network does not grant: sys-ptrace, sys-admin;", refused.Errors, StringComparison.Ordinal);
        (await cluster.RunAsync(cancellation, "down")).MustSucceed();
        await File.WriteAllTextAsync(file, dev, cancellation);
        Assert.DoesNotContain("does not run", (await cluster.UpAsync(cancellation, "--distribution", file)).MustSucceed().Errors, StringComparison.Ordinal);
        Assert.Equal("Running", (await cluster.GetAsync(cancellation, "plugin", "network"))[0]["status"]!["phase"]!.GetValue<string>());
        Assert.Null((await cluster.GetAsync(cancellation, "plugin", "network"))[0]["spec"]!["privileges"]);
    }

    private static string NameOf(JsonObject obj) => obj["metadata"]!["name"]!.GetValue<string>();

    private static string Controller(string life, int replicas) => $$$"""
        apiVersion: v1
        kind: ReplicationController
        metadata: {name: {{{life}}}}
        spec:
          replicas: {{{replicas}}}
          selector: {life: {{{life}}}}
          template:
            metadata: {labels: {life: {{{life}}}} }
            spec:
              containers: [{name: main, image: "registry.invalid/any:1"}]
        """;
}
