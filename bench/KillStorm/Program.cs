using System.Globalization;
using Modular.EndToEnd;

// Kills the host of a cluster at random moments under load, and compares what was acknowledged with what is there.
// Usage: KillStorm [KILLS] [SEED]
var kills = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 50;
var seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Environment.TickCount;
Console.WriteLine($"{kills} kills, seed {seed}");
var wrong = await new KillStorm(kills, seed, Console.WriteLine).RunAsync(CancellationToken.None);
foreach (var line in wrong)
{
    Console.WriteLine("WRONG: " + line);
}

Console.WriteLine(wrong.Count == 0 ? "nothing lost, nothing doubled" : $"{wrong.Count} differences");
return wrong.Count == 0 ? 0 : 1;
