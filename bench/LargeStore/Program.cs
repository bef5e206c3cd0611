using System.Diagnostics;
using System.Globalization;
using System.Net;
using LargeStore;
using Modular.EndToEnd;

// Fills the API with many pods and nodes: the memory that holds them, the start with such a store, and what a client of one namespace notices of the rest.
// Usage: LargeStore [PODS [NODES [NAMESPACES]]]
var pods = Argument(0, 150_000);
var nodes = Argument(1, 5_000);
var namespaces = Argument(2, 100);
await using var cluster = await TestCluster.StartAsync(CancellationToken.None, "--mode", "process", "--distribution", Path.Combine(Repository.Root, "bench", "api.yaml"));
using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
http.DefaultRequestVersion = HttpVersion.Version20;
var workload = new Workload(http, nodes, pods, namespaces);
var empty = ProcessMemory.Of(cluster.HostPid);

await workload.CreateNodesAsync();
await workload.CreateNamespaceAsync(Workload.Namespace(0));
await workload.CreatePodsAsync(0);
var alone = await OneNamespace.MeasureAsync(http, workload, Workload.Namespace(0), "alone");

var begun = Stopwatch.GetTimestamp();
for (var ns = 1; ns < namespaces; ns++)
{
    await workload.CreateNamespaceAsync(Workload.Namespace(ns));
    await workload.CreatePodsAsync(ns);
}

var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
var full = ProcessMemory.Of(cluster.HostPid);
var among = await OneNamespace.MeasureAsync(http, workload, Workload.Namespace(0), "among");
var bytes = await CountAsync("/api/v1/pods") + await CountAsync("/api/v1/nodes");
var listed = ProcessMemory.Of(cluster.HostPid);

var (stopped, restored) = await RestartAsync(() => cluster.RunAsync(CancellationToken.None, "down"));
var (killed, _) = await RestartAsync(() =>
{
    Process.GetProcessById(cluster.HostPid).Kill();
    return Task.CompletedTask;
});

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
    {pods} pods and {nodes} nodes, {bytes / 1e6:0} MB as JSON; created at {(pods - (pods / namespaces)) / seconds:0} a second
    memory (PSS / anonymous, MB): empty {empty.Pss / 1e6:0} / {empty.Anonymous / 1e6:0}, filled {full.Pss / 1e6:0} / {full.Anonymous / 1e6:0}, all listed {listed.Pss / 1e6:0} / {listed.Anonymous / 1e6:0}, started with them {restored.Pss / 1e6:0} / {restored.Anonymous / 1e6:0}
    anonymous memory to bytes of objects: filled {(double)full.Anonymous / bytes:0.00}, all listed {(double)listed.Anonymous / bytes:0.00}, started with them {(double)restored.Anonymous / bytes:0.00}
    PSS to bytes of objects: filled {(double)full.Pss / bytes:0.00}, all listed {(double)listed.Pss / bytes:0.00}, started with them {(double)restored.Pss / bytes:0.00}
    start to /readyz: {stopped:0.00} s after a stop, {killed:0.00} s after kill -9
    one namespace of {pods / namespaces} pods, list / watch, ms: alone {alone.ListMilliseconds:0.0} / {alone.WatchMilliseconds:0.0}, among all {among.ListMilliseconds:0.0} / {among.WatchMilliseconds:0.0}
    """));
return;

int Argument(int at, int otherwise) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;

async Task<long> CountAsync(string path)
{
    using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
    answer.EnsureSuccessStatusCode();
    await using var body = await answer.Content.ReadAsStreamAsync();
    var buffer = new byte[1 << 20];
    long total = 0;
    for (int read; (read = await body.ReadAsync(buffer)) > 0;)
    {
        total += read;
    }

    return total;
}

async Task<(double Seconds, ProcessMemory Memory)> RestartAsync(Func<Task> stop)
{
    await stop();
    var started = Stopwatch.GetTimestamp();
    (await cluster.UpAsync(CancellationToken.None)).MustSucceed();
    using var ready = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
    ready.EnsureSuccessStatusCode();
    return (Stopwatch.GetElapsedTime(started).TotalSeconds, ProcessMemory.Of(cluster.HostPid));
}
