using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>The story of the demo with other names, ports and counts, and two containers in a pod.</summary>
public sealed class StoryTests
{
    private const int Port = 9191;

    private static string Manifest(int replicas) => $$$"""
        apiVersion: v1
        kind: ReplicationController
        metadata: {name: twin, labels: {team: blue}}
        spec:
          replicas: {{{replicas}}}
          selector: {team: blue}
          template:
            metadata: {labels: {team: blue}}
            spec:
              terminationGracePeriodSeconds: 3
              volumes: [{name: shared, emptyDir: {}}]
              containers:
              - name: front
                image: modular
                args: [web, --port, "{{{Port}}}", --text, twin]
                ports: [{containerPort: {{{Port}}}}]
                volumeMounts: [{name: shared, mountPath: /shared}]
                readinessProbe: {httpGet: {path: /, port: {{{Port}}}}, periodSeconds: 1}
              - name: side
                image: host
                command: [sh, -c, "i=0; while true; do echo line $i; i=$((i+1)); sleep 1; done"]
                volumeMounts: [{name: shared, mountPath: /shared}]
        """;

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task A_controller_keeps_its_pods_through_deaths_changes_and_a_killed_host(string mode)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation, "--mode", mode);
        (await cluster.ApplyAsync(Manifest(3), cancellation)).MustSucceed();
        var pods = await PodsAsync(cluster, 3, cancellation);
        Assert.Equal(3, pods.Select(Ip).Distinct().Count());
        Assert.All(pods, p => Assert.Equal(2, p["status"]!["containerStatuses"]!.AsArray().Count));

        var victim = pods[0];
        WebServer(Name(victim)).Kill();
        await UntilAsync(cluster, Name(victim), obj => Restarts(obj, "front") == 1 && Ready(obj), cancellation);

        (await cluster.RunAsync(cancellation, "delete", "pod", Name(pods[1]))).MustSucceed();
        pods = await PodsAsync(cluster, 3, cancellation);
        Assert.DoesNotContain(pods, p => Name(p) == Name(victim) && Uid(p) != Uid(victim));

        (await cluster.RunAsync(cancellation, "scale", "rc/twin", "--replicas", "5")).MustSucceed();
        await PodsAsync(cluster, 5, cancellation);
        (await cluster.RunAsync(cancellation, "scale", "rc/twin", "--replicas", "1")).MustSucceed();
        pods = await PodsAsync(cluster, 1, cancellation);

        var before = await cluster.GetAsync(cancellation, "pods,rc,namespaces,serviceaccounts");
        var host = Process.GetProcessById(cluster.HostPid);
        host.Kill();
        await host.WaitForExitAsync(cancellation);
        (await cluster.UpAsync(cancellation)).MustSucceed();
        var after = await cluster.GetAsync(cancellation, "pods,rc,namespaces,serviceaccounts");
        Assert.Equal(before.Select(Uid).Order(), after.Select(Uid).Order());
        var survivor = (await PodsAsync(cluster, 1, cancellation))[0];
        Assert.Equal(Restarts(pods[0], "front"), Restarts(survivor, "front"));
        await AssertLogWholeAsync(cluster, Name(survivor), cancellation);
    }

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task A_stop_in_good_order_troubles_nobody(string mode)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation, "--mode", mode);
        (await cluster.ApplyAsync(Manifest(1), cancellation)).MustSucceed();
        await PodsAsync(cluster, 1, cancellation);
        (await cluster.RunAsync(cancellation, "down")).MustSucceed();

        var log = await File.ReadAllLinesAsync(cluster.LogFile, cancellation);
        Assert.Contains(log, line => line.Contains("cluster stopped", StringComparison.Ordinal));
        Assert.DoesNotContain(log, line => line.Split(' ') is [_, "error" or "warn" or "fatal", ..]);
    }

    [Fact]
    public async Task Another_scheduler_places_the_pod_that_was_pending()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation);
        (await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: waits}
            spec:
              nodeSelector: {rack: r7}
              containers: [{name: main, image: host, command: [sleep, "600"]}]
            """, cancellation)).MustSucceed();
        await UntilAsync(cluster, "waits", obj => Condition(obj, "PodScheduled") == "False", cancellation);
        (await cluster.RunAsync(cancellation, "plugins", "swap", "scheduler", "scheduler-spread")).MustSucceed();
        var node = (await cluster.GetAsync(cancellation, "nodes"))[0];
        var labelled = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = Name(node), ["labels"] = new JsonObject { ["rack"] = "r7" } },
        };
        (await cluster.ApplyAsync(labelled.ToJsonString(), cancellation)).MustSucceed();
        await UntilAsync(cluster, "waits", Ready, cancellation);
        // The event comes after the binding.
        while (!(await cluster.GetAsync(cancellation, "events")).Any(e =>
            e["reason"]!.GetValue<string>() == "Scheduled" && e["message"]!.GetValue<string>().Contains("scheduler-spread", StringComparison.Ordinal)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        }

        (await cluster.RunAsync(cancellation, "delete", "pod", "waits", "--grace-period", "0")).MustSucceed();
    }

    private static async Task<IReadOnlyList<JsonObject>> PodsAsync(TestCluster cluster, int count, CancellationToken cancellation)
    {
        await cluster.WaitAsync("rc/twin", $"jsonpath={{.status.readyReplicas}}={count}", cancellation);
        while (true)
        {
            var pods = await cluster.GetAsync(cancellation, "pods", "-l", "team=blue");
            if (pods.Count == count && pods.All(p => p["metadata"]!["deletionTimestamp"] is null))
            {
                return pods;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        }
    }

    private static async Task UntilAsync(TestCluster cluster, string pod, Func<JsonObject, bool> reached, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        while (!reached(await cluster.Api.GetAsync("pod", pod, limit.Token)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }

    // The side container counts; a missing or doubled number would be a lost or doubled line.
    private static async Task AssertLogWholeAsync(TestCluster cluster, string pod, CancellationToken cancellation)
    {
        var log = (await cluster.RunAsync(cancellation, "logs", pod, "-c", "side")).MustSucceed().Output;
        var lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(lines);
        Assert.Equal(Enumerable.Range(0, lines.Length).Select(i => $"line {i}"), lines);
    }

    // What an isolated container calls its pid is not the machine's.
    private static Process WebServer(string pod) => Process.GetProcesses().Single(process =>
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline").Contains("\0web\0--port\0", StringComparison.Ordinal)
                && File.ReadAllText($"/proc/{process.Id}/environ").Split('\0').Contains($"HOSTNAME={pod}");
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return false;
        }
    });

    private static string Name(JsonObject obj) => obj["metadata"]!["name"]!.GetValue<string>();

    private static string Uid(JsonObject obj) => obj["metadata"]!["uid"]!.GetValue<string>();

    private static string Ip(JsonObject pod) => pod["status"]!["podIP"]!.GetValue<string>();

    private static bool Ready(JsonObject pod) => Condition(pod, "Ready") == "True";

    private static string? Condition(JsonObject obj, string type) =>
        (obj["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => c!["type"]!.GetValue<string>() == type)?["status"]?.GetValue<string>();

    private static int Restarts(JsonObject pod, string container) =>
        (pod["status"]?["containerStatuses"] as JsonArray)?
            .FirstOrDefault(c => c!["name"]!.GetValue<string>() == container)?["restartCount"]?.GetValue<int>() ?? -1;
}
