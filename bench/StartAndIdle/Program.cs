using System.Diagnostics;
using System.Globalization;
using StartAndIdle;

// Measures a cluster from nothing: start to /readyz, a pod created at that moment to Running, then memory at rest.
// Usage: StartAndIdle PATH-TO-MODULAR [--runs N] [--idle-seconds N]
if (args.Length == 0 || !File.Exists(args[0]))
{
    Console.Error.WriteLine("usage: StartAndIdle PATH-TO-MODULAR [--runs N] [--idle-seconds N]; PATH is artifacts/dist/host/modular");
    return 2;
}

var runs = Option("--runs", 5);
var idle = TimeSpan.FromSeconds(Option("--idle-seconds", 15));
var samples = new List<Sample>();
for (var run = 0; run < runs; run++)
{
    var sample = await ClusterRun.MeasureAsync(Path.GetFullPath(args[0]), idle);
    samples.Add(sample);
    Console.WriteLine(sample);
}

Console.WriteLine();
Console.WriteLine("| metric | median (min-max) of " + runs.ToString(CultureInfo.InvariantCulture) + " |");
Console.WriteLine("|---|---|");
Row("start to /readyz, empty directory, s", s => s.ReadySeconds, "0.00");
Row("a pod created then, to Running, s", s => s.PodSeconds, "0.00");
Row("kill -9, start again to /readyz, s", s => s.RestartSeconds, "0.00");
Row("at rest, sum of PSS, MB", s => s.Pss, "0");
Row("at rest, sum of RSS, MB", s => s.Rss, "0");
Row("at rest, sum of anonymous, MB", s => s.Anonymous, "0");
Row("processes", s => s.Processes, "0");
Row("CPU at rest, % of a core", s => s.IdleCpuPercent, "0.0");
return 0;

int Option(string name, int otherwise)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}

void Row(string name, Func<Sample, double> value, string format)
{
    var sorted = samples.Select(value).Order().ToList();
    string Text(double number) => number.ToString(format, CultureInfo.InvariantCulture);
    Console.WriteLine($"| {name} | {Text(sorted[sorted.Count / 2])} ({Text(sorted[0])}-{Text(sorted[^1])}) |");
}
