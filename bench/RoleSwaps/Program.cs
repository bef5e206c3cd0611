using System.Diagnostics;
using System.Globalization;
using Modular.Bench.RoleSwaps;
using Modular.EndToEnd;

// Exchanges the plugin of each role again and again, under everything that clients do: requests on new and on kept connections, names, a
// download, WebSockets, an exec, a followed log, a hundred watches and a stream of writes, none of which ever asks twice. Says what failed, was
// cut, lost or repeated, and how long the longest answer of each kind took.
// Usage: RoleSwaps process|isolated [SWAPS [ROLE ...]], or RoleSwaps unloadable [SWAPS] for what a host holds after exchanges of a plugin that can be unloaded.
var mode = args.Length > 0 ? args[0] : "isolated";
var swaps = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20;
if (mode == "unloadable")
{
    return await UnloadedMemory.MeasureAsync(swaps);
}

(string Role, string[] Plugins)[] all =
[
    ("scheduler", ["scheduler-spread", "scheduler-binpack"]),
    ("scheduling", ["scheduling"]),
    ("controllers", ["controllers"]),
    ("service-proxy", ["proxy-yarp"]),
    ("service-routing", ["service-routing"]),
    ("dns", ["dns"]),
    ("network", ["network-bridge"]),
    ("runtime", ["runtime-native"]),
    ("node-agent", ["node-agent"]),
    ("auth-certificate", ["auth-certificate"]),
    ("admission", ["admission-kubernetes"]),
    ("resources", ["resources-kubernetes"]),
];
var failures = 0;
foreach (var (role, plugins) in all.Where(entry => args.Length < 3 || args.AsSpan(2).Contains(entry.Role)))
{
    failures += await ExchangeAsync(role, plugins);
}

return failures == 0 ? 0 : 1;

async Task<int> ExchangeAsync(string role, string[] plugins)
{
    await using var staying = new StayingServer();
    await using var cluster = await TestCluster.StartAsync(CancellationToken.None, ["--mode", mode]);
    var scene = new ServiceScene(cluster, CancellationToken.None);
    await scene.SetUpAsync(grace: 10, staying);
    (await cluster.ApplyAsync(CountingPod, CancellationToken.None)).MustSucceed();
    (await cluster.RunAsync(CancellationToken.None, "wait", "pod/counting", "--for=condition=Ready", "--timeout=60s")).MustSucceed();
    await using var log = new CountedLines(Repository.Modular, "logs", "-f", "counting", "--data-dir", cluster.DataDirectory);
    await using var exec = new CountedLines(Repository.Modular, ["exec", "-i", "counting", "--data-dir", cluster.DataDirectory, "--", "sh", "-c", Count]);
    await using var writes = await WatchedWrites.StartAsync(ClusterHttp.Create(cluster.Kubeconfig, cluster.Port), 100);
    await using var loads = await ServiceLoads.StartAsync(scene, staying, CancellationToken.None);
    var longest = TimeSpan.Zero;
    for (var swap = 0; swap < swaps; swap++)
    {
        var begun = Stopwatch.GetTimestamp();
        await scene.SwapAsync(role, plugins[swap % plugins.Length]);
        longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(begun).Ticks));
        await loads.MoreAsync();
    }

    // What the role does is still done.
    await scene.ScaleAsync(4);
    List<string> wrong = [.. await loads.StopAsync(), .. await writes.StopAsync()];
    wrong.AddRange(Check("log", log));
    wrong.AddRange(Check("exec", exec));
    Console.WriteLine($"## {role} ({mode}): {swaps} swaps, the longest command took {longest.TotalMilliseconds:0} ms");
    foreach (var line in loads.Report())
    {
        Console.WriteLine(line);
    }

    Console.WriteLine($"writes, each seen by 100 watches: {writes.Writes}, the longest took {writes.LongestWrite.TotalMilliseconds:0} ms");
    Console.WriteLine($"followed log: {log.Lines} lines, the longest pause {log.LongestPause.TotalMilliseconds:0} ms");
    Console.WriteLine($"open exec: {exec.Lines} lines, the longest pause {exec.LongestPause.TotalMilliseconds:0} ms");
    wrong.ForEach(failure => Console.WriteLine($"WRONG: {failure}"));
    Console.WriteLine(wrong.Count == 0 ? "nothing failed, was cut, lost or repeated" : $"{wrong.Count} failures");
    return wrong.Count;
}

static IEnumerable<string> Check(string name, CountedLines lines)
{
    if (lines.HasEnded)
    {
        yield return $"{name}: ended after {lines.Lines} lines";
    }

    if (lines.Wrong.Length > 0)
    {
        yield return $"{name}: {lines.Wrong}";
    }
}

internal static partial class Program
{
    private const string Count = "i=0; while true; do echo $i; i=$((i+1)); sleep 0.05; done";

    private const string CountingPod = $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: counting}
        spec:
          terminationGracePeriodSeconds: 1
          containers: [{name: main, image: host, command: [sh, -c, "{{Count}}"]}]
        """;
}
