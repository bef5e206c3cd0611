using System.Diagnostics;
using System.Globalization;
using ApiCosts;
using Modular.EndToEnd;

// Runs apibench's API scenarios against a fresh cluster, several times, and sets the medians beside the incumbents' figures.
// Usage: ApiCosts PATH-TO-APIBENCH [RUNS]; PATH is the built apibench, which is not part of this repository.
if (args.Length == 0 || !File.Exists(args[0]))
{
    Console.Error.WriteLine("usage: ApiCosts PATH-TO-APIBENCH [RUNS]");
    return 2;
}

var runs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3;
var results = new Dictionary<string, List<Measurement>>(StringComparer.Ordinal);
for (var run = 0; run < runs; run++)
{
    await using var cluster = await TestCluster.StartAsync(CancellationToken.None);
    foreach (var row in Incumbents.Rows)
    {
        var measurement = await Apibench.RunAsync(args[0], cluster, row);
        Console.WriteLine($"run {run + 1} {row.Name}: {measurement.Rate:0} /s, p50 {measurement.P50:0.00} ms, p99 {measurement.P99:0.00} ms, server {measurement.CpuPerOperation:0.000} ms CPU, {measurement.MemoryMebibytes:0} MiB");
        if (!results.TryGetValue(row.Name, out var list))
        {
            results[row.Name] = list = [];
        }

        list.Add(measurement);
    }
}

Console.WriteLine();
Console.WriteLine("| scenario | server CPU ms/op | incumbents | ratio | ops/s | incumbents | p50 ms | p99 ms | incumbents p50 / p99 |");
Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
foreach (var row in Incumbents.Rows)
{
    var cpu = Median(row.Name, m => m.CpuPerOperation);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {row.Name} | {cpu:0.000} | {row.CpuPerOperation} | {cpu / row.CpuPerOperation:0.00} | {Median(row.Name, m => m.Rate):0} | {row.Rate} | {Median(row.Name, m => m.P50):0.00} | {Median(row.Name, m => m.P99):0.0} | {row.P50} / {row.P99} |"));
}

return 0;

double Median(string scenario, Func<Measurement, double> value)
{
    var sorted = results[scenario].Select(value).Order().ToList();
    return sorted[sorted.Count / 2];
}
