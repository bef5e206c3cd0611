using System.Diagnostics;
using System.Globalization;
using Modular.EndToEnd;

// Rolls pods and exchanges the service proxy and the name server again and again, under loads that never ask twice, while one download and
// two WebSockets go on; says what failed or was cut, and the longest time an answer took.
// Usage: ServiceSwaps process|isolated [SECONDS [DISTRIBUTION]]
var mode = args.Length > 0 ? args[0] : "process";
var time = TimeSpan.FromSeconds(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 60);
string[] distribution = args.Length > 2 ? ["--distribution", args[2]] : [];
await using var staying = new StayingServer();
await using var cluster = await TestCluster.StartAsync(CancellationToken.None, ["--mode", mode, .. distribution]);
var scene = new ServiceScene(cluster, CancellationToken.None);
await scene.SetUpAsync(grace: 10, staying);
await using var loads = await ServiceLoads.StartAsync(scene, staying, CancellationToken.None);
var started = Stopwatch.GetTimestamp();
var rounds = 0;
while (Stopwatch.GetElapsedTime(started) < time)
{
    await scene.ChangeEverythingAsync();
    rounds++;
}

Console.WriteLine($"{mode}: {rounds} rounds in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s: each to 6 pods and 2, both replaced, proxy and name server exchanged");
var wrong = await loads.StopAsync();
foreach (var line in loads.Report().Concat(wrong.Select(failure => "WRONG: " + failure)))
{
    Console.WriteLine(line);
}

Console.WriteLine(wrong.Count == 0 ? "nothing failed, nothing was cut" : $"{wrong.Count} failures");
return wrong.Count == 0 ? 0 : 1;
