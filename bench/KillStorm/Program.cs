using System.Globalization;
using Modular.EndToEnd;

// Kills parts of a cluster at random moments under load, and looks what was lost or is left.
// Usage: KillStorm host|process|isolated [KILLS] [SEED]
//   host: kills the host, and compares what was acknowledged with what is there.
//   process, isolated: kills host, supervisor and containers of a cluster of that mode, and looks what works then and what is left of it.
var what = args.Length > 0 ? args[0] : "host";
var kills = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 50;
var seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : Environment.TickCount;
Console.WriteLine($"{what}: {kills} kills, seed {seed}");
var wrong = what == "host"
    ? await new KillStorm(kills, seed, Console.WriteLine).RunAsync(CancellationToken.None)
    : await new MachineStorm(what, kills, seed, Console.WriteLine).RunAsync(CancellationToken.None);
foreach (var line in wrong)
{
    Console.WriteLine("WRONG: " + line);
}

Console.WriteLine(wrong.Count == 0 ? "nothing lost, nothing doubled, nothing left" : $"{wrong.Count} differences");
return wrong.Count == 0 ? 0 : 1;
