using Store;

// Measures the embedded store, as a plugin, without the cluster around it.
// Usage: Store [commits|restart|ranges|all] [--directory DIR] [--seconds N] [--keys N]
//        Store count DIR    writes until it is killed and says what was acknowledged
var command = args.Length > 0 && !args[0].StartsWith('-') ? args[0] : "all";
if (command == "count" && args.Length == 2)
{
    await CountingWriters.RunAsync(args[1]);
    return 0;
}

if (command is not ("commits" or "restart" or "ranges" or "all"))
{
    Console.Error.WriteLine("usage: Store [commits|restart|ranges|all] [--directory DIR] [--seconds N] [--keys N] | Store count DIR");
    return 2;
}

var directory = Text("--directory", Path.Combine(Path.GetTempPath(), $"modular-bench-store-{Environment.ProcessId}"));
var seconds = int.Parse(Text("--seconds", "5"));
var keys = int.Parse(Text("--keys", "150000"));
try
{
    if (command is "commits" or "all")
    {
        await CommitRates.MeasureAsync(directory, TimeSpan.FromSeconds(seconds));
    }

    if (command is "restart" or "all")
    {
        await Restarts.MeasureAsync(directory, keys);
    }

    if (command is "ranges" or "all")
    {
        await RangesUnderWrites.MeasureAsync(directory, keys, TimeSpan.FromSeconds(seconds));
    }
}
finally
{
    OpenStore.Remove(directory);
}

return 0;

string Text(string name, string otherwise)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}
