using System.Globalization;
using Modular.EndToEnd;
using PodStart;

// From a pod's creation to Running as a watch sees it, one at a time and 30 at once, beside docker if its daemon runs.
// Usage: PodStart process|isolated [PODS] [BURSTS]
const int AtOnce = 30;
var mode = args.Length > 0 ? args[0] : "process";
var pods = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100;
var bursts = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 10;

Console.WriteLine("| | p50 ms | p99 ms |");
Console.WriteLine("|---|---|---|");
await using (var cluster = await TestCluster.StartAsync(CancellationToken.None, "--mode", mode))
{
    using var http = ClusterHttp.Create(cluster.Kubeconfig, cluster.Port);
    var starts = await PodStarts.OpenAsync(http);
    await MeasureAsync($"Modular, {mode}", starts.StartAsync, starts.EndAsync);
}

if (await DockerStarts.OpenAsync() is { } docker)
{
    await MeasureAsync("docker run -d", docker.StartAsync, docker.EndAsync);
}

async Task MeasureAsync(string what, Func<int, Task<IReadOnlyList<double>>> start, Func<Task> end)
{
    // The first ones pay for what is compiled and read once.
    for (var index = 0; index < 5; index++)
    {
        await start(1);
        await end();
    }

    var single = new List<double>();
    for (var index = 0; index < pods; index++)
    {
        single.AddRange(await start(1));
        await end();
    }

    Row($"{what}: one at a time", single);
    var together = new List<double>();
    for (var index = 0; index < bursts; index++)
    {
        together.AddRange(await start(AtOnce));
        await end();
    }

    Row($"{what}: {AtOnce} at once", together);
}

static void Row(string what, List<double> milliseconds)
{
    milliseconds.Sort();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"| {what} | {milliseconds[milliseconds.Count / 2]:0.0} | {milliseconds[(int)(milliseconds.Count * 0.99)]:0.0} |"));
}
