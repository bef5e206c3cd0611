using System.Diagnostics;
using System.Globalization;

namespace Modular.EndToEnd;

/// <summary>The container runtime in a process of its own: killed and exchanged while a pod runs, is followed and has a command open.</summary>
public sealed class RuntimeProcessTests
{
    private const string Manifest = """
        apiVersion: v1
        kind: Pod
        metadata: {name: counter}
        spec:
          terminationGracePeriodSeconds: 0
          containers:
          - name: main
            image: host
            command: [sh, -c, "i=0; while true; do i=$((i+1)); echo $i; sleep 0.05; done"]
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ClusterModes.Both), MemberType = typeof(ClusterModes))]
    public async Task Pods_go_on_while_the_runtime_is_killed_and_exchanged(string mode)
    {
        await using var cluster = await StartAsync(mode);
        var inventory = new MachineInventory(cluster.DataDirectory);
        (await cluster.ApplyAsync(Manifest, Token)).MustSucceed();
        await cluster.WaitAsync("pod/counter", "condition=Ready", Token);
        var run = await RunOfAsync(cluster);
        await using (var log = Start(cluster, "logs", "-f", "counter"))
        await using (var open = Start(cluster, "exec", "counter", "--", "sh", "-c", "echo open; exec sleep 600"))
        {
            var line = 0;
            await open.LineAsync(text => text == "open", Token);
            var killed = await ChildAsync(cluster, but: 0);
            using (var process = Process.GetProcessById(killed))
            {
                process.Kill();
            }

            (await cluster.RunAsync(Token, "get", "nodes")).MustSucceed();
            await Assert.ThrowsAsync<InvalidOperationException>(() => open.LineAsync(_ => true, Token));
            var next = await ChildAsync(cluster, but: killed);
            line = await GoesOnAsync(cluster, log, run, line);
            (await cluster.RunAsync(Token, "plugins", "swap", "runtime", "runtime-native")).MustSucceed();
            await ChildAsync(cluster, but: next);
            await GoesOnAsync(cluster, log, run, line);
        }

        (await cluster.RunAsync(Token, "delete", "pod", "counter")).MustSucceed();
        await cluster.WaitAsync("pod/counter", "delete", Token);
        (await cluster.RunAsync(Token, "down")).MustSucceed();
        Assert.Empty(inventory.Find());
    }

    private static async Task<TestCluster> StartAsync(string mode)
    {
        const string entry = "    plugin: runtime-native\n";
        var file = Path.GetTempFileName();
        var dev = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "distributions", "dev.yaml"), Token);
        await File.WriteAllTextAsync(file, dev.Replace(entry, entry + "    isolation: process\n", StringComparison.Ordinal), Token);
        try
        {
            return await TestCluster.StartAsync(Token, "--mode", mode, "--distribution", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The pod is the same run as before, takes commands, and not a line of its log is missing.</summary>
    /// <returns>The last line that was read.</returns>
    private static async Task<int> GoesOnAsync(TestCluster cluster, RunningCommand log, string run, int line)
    {
        // That the role is ready may have been said before its process was killed.
        var again = await cluster.RunAsync(Token, "exec", "counter", "--", "echo", "again");
        while (again.Code != 0)
        {
            again = await cluster.RunAsync(Token, "exec", "counter", "--", "echo", "again");
        }

        Assert.Equal("again\n", again.Output);
        Assert.Equal(run, await RunOfAsync(cluster));
        // More than one, if the next was written meanwhile.
        var written = (await cluster.RunAsync(Token, "logs", "counter", "--tail", "1")).MustSucceed().Output.TrimEnd().Split('\n');
        var now = int.Parse(written[^1], CultureInfo.InvariantCulture);
        while (line <= now)
        {
            Assert.Equal(++line, int.Parse(await log.LineAsync(_ => true, Token), CultureInfo.InvariantCulture));
        }

        return line;
    }

    private static async Task<string> RunOfAsync(TestCluster cluster)
    {
        var status = (await cluster.GetAsync(Token, "pod", "counter"))[0]["status"]!["containerStatuses"]![0]!;
        return $"{status["containerID"]} {status["restartCount"]} {status["state"]!["running"]}";
    }

    /// <summary>The runtime's process, once the role says that it does its work.</summary>
    private static async Task<int> ChildAsync(TestCluster cluster, int but)
    {
        while (true)
        {
            var conditions = (await cluster.GetAsync(Token, "plugin", "runtime"))[0]["status"]!["conditions"]!.AsArray();
            var ready = conditions.Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True");
            if (ready && cluster.ChildrenOf("runtime").FirstOrDefault(pid => pid != but) is var child and not 0)
            {
                return child;
            }

            await Task.Delay(20, Token);
        }
    }

    private static RunningCommand Start(TestCluster cluster, string command, params string[] arguments) =>
        RunningCommand.Start(Repository.Modular, new Dictionary<string, string>(), [command, "--data-dir", cluster.DataDirectory, .. arguments]);
}
