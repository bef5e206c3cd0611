using System.Diagnostics;
using System.Globalization;

namespace Modular.EndToEnd;

/// <summary>
/// Kills the host, the supervisor and the containers of a cluster at random moments; then looks whether the cluster works, and, once it is down,
/// whether anything of it is left on the machine.
/// </summary>
internal sealed class MachineStorm(string mode, int kills, int seed, Action<string> report)
{
    private const string Manifest = """
        apiVersion: v1
        kind: ReplicationController
        metadata: {name: storm}
        spec:
          replicas: 4
          selector: {app: storm}
          template:
            metadata: {labels: {app: storm}}
            spec:
              terminationGracePeriodSeconds: 1
              volumes: [{name: scratch, emptyDir: {medium: Memory}}, {name: settings, configMap: {name: settings}}]
              containers:
              - name: main
                image: host
                command: [sh, -c, "setsid sleep 1000 & cat $VOLUME_SETTINGS/word > $VOLUME_SCRATCH/word; wait"]
                resources: {limits: {memory: 64Mi, cpu: 500m}}
                volumeMounts: [{name: scratch, mountPath: /scratch}, {name: settings, mountPath: /settings}]
              - name: side
                image: host
                command: [sleep, "1000"]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        data: {word: calm}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: storm}
        spec: {selector: {app: storm}, ports: [{port: 7070}]}
        """;

    private readonly Random _random = new(seed);

    /// <summary>Answers what is wrong or left; nothing if all is well.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellation)
    {
        await using var cluster = await TestCluster.StartAsync(cancellation, "--mode", mode);
        var inventory = new MachineInventory(cluster.DataDirectory);
        (await cluster.ApplyAsync(Manifest, cancellation)).MustSucceed();
        await ReadyAsync(cluster, 4, cancellation);
        for (var kill = 1; kill <= kills; kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(10, 600)), cancellation);
            report($"kill {kill} of {kills}: {await KillAsync(cluster, cancellation)}");
            if (kill % 10 == 0)
            {
                // Who was killed often waits longer and longer for the next start; new pods have nothing against them.
                await RenewAsync(cluster, cancellation);
            }
        }

        await RenewAsync(cluster, cancellation);
        var wrong = await LoseSupervisorAsync(cluster, cancellation);
        if (_random.Next(3) is var last and > 0)
        {
            Kill(cluster.HostPid);
            Kill(last > 1 ? SupervisorPid(cluster) : null);
        }

        (await cluster.RunAsync(cancellation, "down")).MustSucceed();
        return [.. wrong, .. inventory.Find().Select(left => $"left behind: {left}")];
    }

    private async Task<string> KillAsync(TestCluster cluster, CancellationToken cancellation)
    {
        switch (_random.Next(5))
        {
            case 0:
                await KillHostAsync(cluster);
                (await cluster.UpAsync(cancellation)).MustSucceed();
                return "host";
            case 1:
                Kill(SupervisorPid(cluster));
                return "supervisor";
            case 2:
                Kill(SupervisorPid(cluster));
                await KillHostAsync(cluster);
                (await cluster.UpAsync(cancellation)).MustSucceed();
                return "supervisor and host";
            default:
                var children = ChildrenOf(SupervisorPid(cluster));
                if (children.Count > 0)
                {
                    Kill(children[_random.Next(children.Count)]);
                }

                return "container";
        }
    }

    private static async Task RenewAsync(TestCluster cluster, CancellationToken cancellation)
    {
        (await cluster.RunAsync(cancellation, "scale", "rc/storm", "--replicas", "0")).MustSucceed();
        while ((await cluster.GetAsync(cancellation, "pods")).Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        }

        (await cluster.RunAsync(cancellation, "scale", "rc/storm", "--replicas", "4")).MustSucceed();
        await ReadyAsync(cluster, 4, cancellation);
    }

    // Nobody knows how they ended, so they are reported as ended somehow, and started again.
    private static async Task<List<string>> LoseSupervisorAsync(TestCluster cluster, CancellationToken cancellation)
    {
        var lost = ChildrenOf(SupervisorPid(cluster));
        Kill(SupervisorPid(cluster));
        var pods = await cluster.GetAsync(cancellation, "pods");
        foreach (var pod in pods.Select(pod => pod["metadata"]!["name"]!.GetValue<string>()))
        {
            await cluster.WaitAsync($"pod/{pod}", "jsonpath={.status.containerStatuses[0].restartCount}=1", cancellation);
        }

        var wrong = lost.Where(pid => Directory.Exists($"/proc/{pid}")).Select(pid => $"container process {pid} outlived its supervisor").ToList();
        foreach (var status in (await cluster.GetAsync(cancellation, "pods")).SelectMany(pod => pod["status"]!["containerStatuses"]!.AsArray()))
        {
            var last = status!["lastState"]?["terminated"];
            if (last?["exitCode"]?.GetValue<int>() != 137 || last["reason"]?.GetValue<string>() != "ContainerStatusUnknown")
            {
                wrong.Add($"a container of a lost supervisor is told of as {last?.ToJsonString() ?? "never ended"}");
            }
        }

        return wrong;
    }

    private static async Task ReadyAsync(TestCluster cluster, int replicas, CancellationToken cancellation) =>
        await cluster.WaitAsync("rc/storm", $"jsonpath={{.status.readyReplicas}}={replicas}", cancellation);

    private static async Task KillHostAsync(TestCluster cluster)
    {
        using var host = Process.GetProcessById(cluster.HostPid);
        host.Kill();
        await host.WaitForExitAsync();
    }

    private static void Kill(int? pid)
    {
        try
        {
            if (pid is { } known)
            {
                Process.GetProcessById(known).Kill();
            }
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It ended by itself.
        }
    }

    // None while the next one is being started.
    private static int? SupervisorPid(TestCluster cluster)
    {
        var file = Directory.GetFiles(Path.Combine(cluster.DataDirectory, "run"), "supervisor.pid", SearchOption.AllDirectories).SingleOrDefault();
        return file is not null && int.TryParse(File.ReadAllText(file).Split(' ')[0], CultureInfo.InvariantCulture, out var pid) ? pid : null;
    }

    private static IReadOnlyList<int> ChildrenOf(int? parent) =>
        parent is not null && File.Exists($"/proc/{parent}/task/{parent}/children")
            ? [.. File.ReadAllText($"/proc/{parent}/task/{parent}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))]
            : [];
}
