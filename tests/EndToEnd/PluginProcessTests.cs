using System.Diagnostics;

namespace Modular.EndToEnd;

/// <summary>A plugin in a process of its own, moved there and back, killed, and exchanged for one in another language, while the cluster serves.</summary>
public sealed class PluginProcessTests
{
    [Fact]
    public async Task A_scheduler_in_its_own_process_is_killed_again_and_again_and_every_pod_is_placed()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await TestCluster.StartAsync(cancellation);
        await PythonScheduler.InstallAsync(cluster, cancellation);
        (await cluster.RunAsync(cancellation, "plugins", "swap", "scheduler", "scheduler-binpack", "--isolation", "process")).MustSucceed();
        (await cluster.ApplyAsync(Manifest, cancellation)).MustSucceed();
        var replicas = 0;
        for (var round = 0; round < 4; round++)
        {
            replicas += 3;
            Kill(await ChildAsync(cluster, cancellation));
            await ScaleAsync(cluster, replicas, cancellation);
        }

        var plugin = (await cluster.RunAsync(cancellation, "plugins", "swap", "scheduler", "scheduler-python")).MustSucceed();
        Assert.Equal("plugin/scheduler is scheduler-python 0.1.0\n", plugin.Output);
        Kill(await ChildAsync(cluster, cancellation));
        await ScaleAsync(cluster, replicas + 2, cancellation);
        // The event comes after the binding.
        while (!(await cluster.GetAsync(cancellation, "events")).Any(e =>
            e["reason"]!.GetValue<string>() == "Scheduled" && e["message"]!.GetValue<string>().Contains("scheduler-python", StringComparison.Ordinal)))
        {
            await Task.Delay(50, cancellation);
        }

        var refused = await cluster.RunAsync(cancellation, "plugins", "swap", "scheduler", "scheduler-python", "--isolation", "in-process");
        Assert.Contains("scheduler-python is a program and can't run in the host's process; set isolation to process", refused.Errors, StringComparison.Ordinal);
        (await cluster.RunAsync(cancellation, "plugins", "swap", "scheduler", "scheduler-binpack", "--isolation", "in-process")).MustSucceed();
        Assert.Null(ChildOf(cluster));
        await ScaleAsync(cluster, 1, cancellation);
    }

    private const string Manifest = """
        apiVersion: v1
        kind: ReplicationController
        metadata: {name: many}
        spec:
          replicas: 0
          selector: {app: many}
          template:
            metadata: {labels: {app: many}}
            spec:
              terminationGracePeriodSeconds: 0
              containers: [{name: main, image: host, command: [sleep, "600"]}]
        """;

    private static async Task ScaleAsync(TestCluster cluster, int replicas, CancellationToken cancellation)
    {
        (await cluster.RunAsync(cancellation, "scale", "rc", "many", $"--replicas={replicas}")).MustSucceed();
        await cluster.WaitAsync("rc/many", $"jsonpath={{.status.readyReplicas}}={replicas}", cancellation);
    }

    /// <summary>The child, once the role says that it runs.</summary>
    private static async Task<int> ChildAsync(TestCluster cluster, CancellationToken cancellation)
    {
        while (true)
        {
            var conditions = (await cluster.GetAsync(cancellation, "plugin", "scheduler"))[0]["status"]!["conditions"]!.AsArray();
            var ready = conditions.Any(c => c!["type"]!.GetValue<string>() == "Ready" && c["status"]!.GetValue<string>() == "True");
            if (ready && ChildOf(cluster) is { } child)
            {
                return child;
            }

            await Task.Delay(100, cancellation);
        }
    }

    private static int? ChildOf(TestCluster cluster) => cluster.ChildrenOf("scheduler") is [var child, ..] ? child : null;

    private static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }
}
