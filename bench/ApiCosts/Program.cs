using System.Globalization;
using System.Net;
using ApiCosts;
using Modular.EndToEnd;

// Runs apibench's API scenarios against a fresh cluster, several times, and sets the medians beside the incumbents' figures.
// Usage: ApiCosts PATH-TO-APIBENCH [RUNS [DISTRIBUTION]]; PATH is the built apibench, which is not part of this repository. The distribution is the API
// and its store alone (bench/api.yaml) unless said otherwise, as the incumbents' figures are.
if (args.Length == 0 || !File.Exists(args[0]))
{
    Console.Error.WriteLine("usage: ApiCosts PATH-TO-APIBENCH [RUNS [DISTRIBUTION]]");
    return 2;
}

var runs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3;
var distribution = args.Length > 2 ? args[2] : Path.Combine(Repository.Root, "bench", "api.yaml");
var results = new Dictionary<string, List<Measurement>>(StringComparer.Ordinal);
for (var run = 0; run < runs; run++)
{
    Add(run, "etcd puts of 2 KiB", await Etcd.PutAsync());
    await using var cluster = await TestCluster.StartAsync(CancellationToken.None, "--mode", "process", "--distribution", distribution);
    using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
    foreach (var ns in Incumbents.Rows.Select(row => row.Namespace).Append(Apibench.WarmUpNamespace).Distinct())
    {
        await PrepareAsync(http, ns);
    }

    var apibench = new Apibench(args[0], cluster, http);
    var warmUp = await apibench.WarmUpAsync();
    foreach (var row in Incumbents.Rows)
    {
        Add(run, row.Title, await apibench.RunAsync(row, warmUp));
    }
}

Console.WriteLine();
Console.WriteLine("| scenario | server CPU ms/op | incumbents | ratio | ops/s | incumbents | p50 ms | p99 ms | incumbents p50 / p99 | allocated, kB/op | memory, MiB |");
Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
foreach (var row in Incumbents.Rows)
{
    var cpu = Median(row.Title, m => m.CpuPerOperation);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {row.Title} | {cpu:0.0000} | {row.CpuPerOperation} | {cpu / row.CpuPerOperation:0.00} | {Median(row.Title, m => m.Rate):0} | {row.Rate} | {Median(row.Title, m => m.P50):0.00} | {Median(row.Title, m => m.P99):0.0} | {row.P50} / {row.P99} | {Median(row.Title, m => m.AllocatedPerOperation) / 1000:0.0} | {Median(row.Title, m => m.MemoryMebibytes):0} |"));
}

return 0;

void Add(int run, string title, Measurement? measured)
{
    if (measured is null)
    {
        Console.WriteLine($"run {run + 1} {title}: there is no etcd here (Debian: etcd-server)");
        return;
    }

    Console.WriteLine($"run {run + 1} {title}: {measured.Rate:0} /s, p50 {measured.P50:0.00} ms, p99 {measured.P99:0.00} ms, server {measured.CpuPerOperation:0.0000} ms CPU, {measured.MemoryMebibytes:0} MiB");
    if (!results.TryGetValue(title, out var list))
    {
        results[title] = list = [];
    }

    list.Add(measured);
}

double Median(string scenario, Func<Measurement, double> value)
{
    var sorted = results[scenario].Select(value).Order().ToList();
    return sorted[sorted.Count / 2];
}

// Where no controller does, the account that pods ask for is made here.
static async Task PrepareAsync(HttpClient http, string ns)
{
    await CreateAsync(http, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{ns}}}"}}""");
    await CreateAsync(http, $"/api/v1/namespaces/{ns}/serviceaccounts", """{"metadata":{"name":"default"}}""");
}

static async Task CreateAsync(HttpClient http, string path, string body)
{
    using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, null, "application/json"));
    if (answer.StatusCode != HttpStatusCode.Conflict)
    {
        answer.EnsureSuccessStatusCode();
    }
}
