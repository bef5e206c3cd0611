using System.Diagnostics;
using System.Globalization;
using Modular.EndToEnd;
using ServiceChurn;

// 1,000 services whose 3,000 endpoints change 20 times a second under load, in a cluster of process mode.
// Usage: ServiceChurn [SECONDS] [DISTRIBUTION]
const int Services = 1000;
const int ChangesPerSecond = 20;
const int Clients = 16;
var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 240;
var window = Math.Max(1, seconds / 4);

string[] distribution = args.Length > 1 ? ["--distribution", Path.GetFullPath(args[1])] : [];
await using var cluster = await TestCluster.StartAsync(CancellationToken.None, ["--mode", "process", .. distribution]);
using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
using var endpoints = new Endpoints();
var services = Enumerable.Range(0, Services).Select(index => new ChurnedService(http, endpoints, $"service-{index}")).ToList();
foreach (var service in services)
{
    await service.CreateAsync();
}

await Task.Delay(TimeSpan.FromSeconds(2));
var load = new Load(services);
using var stop = new CancellationTokenSource();
var running = load.RunAsync(Clients, TimeSpan.FromMilliseconds(20), stop.Token);
var memory = new List<double>();
var started = Stopwatch.GetTimestamp();
var changes = 0;
while (Stopwatch.GetElapsedTime(started).TotalSeconds is var elapsed && elapsed < seconds)
{
    if (changes < elapsed * ChangesPerSecond)
    {
        await services[Random.Shared.Next(Services)].ChangeAsync();
        changes++;
    }
    else
    {
        await Task.Delay(5);
    }

    if (memory.Count < elapsed)
    {
        memory.Add(Resident());
    }
}

await stop.CancelAsync();
await running;
var times = load.Times.Order().ToList();
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{seconds} s, {changes} changes, {times.Count} requests: p50 {times[times.Count / 2]:0.00} ms, p99 {times[(int)(times.Count * 0.99)]:0.00} ms"));
Console.WriteLine($"failed: {load.Failures.Values.Sum()}; connections to endpoints that had gone for a second: {endpoints.Late}");
for (var at = 0; at + window <= memory.Count; at += window)
{
    var part = memory.GetRange(at, window);
    part.Sort();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory, {at}-{at + window} s: {part[part.Count / 2]:0} MB"));
}

foreach (var (message, count) in load.Failures.OrderByDescending(failure => failure.Value).Take(5))
{
    Console.WriteLine($"{count} x {message}");
}

return load.Failures.IsEmpty ? 0 : 1;

double Resident()
{
    var line = File.ReadLines($"/proc/{cluster.HostPid}/status").Single(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
    return double.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
}
