using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Abstractions;
using Modular.Plugins.RuntimeNative;

// How long the runtime takes from nothing to the first line of a container's program, step by step. As root, for isolated containers.
// Usage: ContainerStart [COUNT] [PAUSE-MILLISECONDS]
var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 60;
var pause = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 500;
var root = Directory.CreateTempSubdirectory("mod-start-").FullName;
var (state, data) = (Directory.CreateDirectory(Path.Combine(root, "state")).FullName, Directory.CreateDirectory(Path.Combine(root, "data")).FullName);
var program = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "Supervisor").Value!;
var mode = new IsolatedMode("/usr/bin/env", [root]);
using var launcher = new SupervisorLauncher(program, mode, state, data, NullLogger.Instance);
var client = new SupervisorClient(launcher);
var runtime = new NativeRuntime(client, mode, new NativeRuntimeOptions(), "bench", TimeProvider.System);
await runtime.GetInfoAsync(CancellationToken.None);

Console.WriteLine($"{count} pods with a pause of {pause} ms before each, in ms: p50 p99");
await MeasureAsync(count, pause);
Console.WriteLine($"{count} pods, one at once after the other, in ms: p50 p99");
await MeasureAsync(count, 0);
var together = Stopwatch.GetTimestamp();
await Task.WhenAll(Enumerable.Range(0, 30).Select(index => StartAsync($"together-{index}")));
Console.WriteLine(Line("30 pods at once, until all run", [Stopwatch.GetElapsedTime(together).TotalMilliseconds]));

var supervisor = int.Parse(File.ReadAllText(Path.Combine(state, "supervisor.pid")).Split(' ')[0], CultureInfo.InvariantCulture);
client.Dispose();
using (var process = Process.GetProcessById(supervisor))
{
    using var kill = Process.Start("/bin/kill", ["-TERM", $"{supervisor}"]);
    await process.WaitForExitAsync();
}

Directory.Delete(root, recursive: true);

async Task MeasureAsync(int pods, int milliseconds)
{
    var series = new Dictionary<string, List<double>>();
    for (var index = 0; index < pods; index++)
    {
        await Task.Delay(milliseconds);
        foreach (var (step, time) in await StartAsync($"pod-{milliseconds}-{index}"))
        {
            (series.TryGetValue(step, out var times) ? times : series[step] = []).Add(time);
        }
    }

    foreach (var (step, times) in series)
    {
        Console.WriteLine(Line(step, times));
    }
}

async Task<IReadOnlyList<(string Step, double Time)>> StartAsync(string name)
{
    var started = Stopwatch.GetTimestamp();
    await runtime.EnsureSandboxAsync(new SandboxSpec { Id = name, PodName = name, PodNamespace = "default", PodUid = name }, CancellationToken.None);
    var sandbox = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    var log = Path.Combine(root, name + ".log");
    var spec = new ContainerSpec
    {
        Id = name,
        SandboxId = name,
        Name = "main",
        Image = "host",
        LogPath = log,
        Command = ["/bin/sh", "-c", "echo up; exec sleep 1000"],
        Resources = new RuntimeResources { MilliCpuLimit = 1000, MemoryLimit = 256 << 20, PidsLimit = 100 },
    };
    await runtime.EnsureContainerAsync(spec, CancellationToken.None);
    await runtime.StartContainerAsync(name, CancellationToken.None);
    var running = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    while (new FileInfo(log).Length == 0)
    {
        await Task.Delay(1);
    }

    var written = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    var stopping = Stopwatch.GetTimestamp();
    await runtime.StopSandboxAsync(name, CancellationToken.None);
    await runtime.RemoveSandboxAsync(name, CancellationToken.None);
    return
    [
        ("sandbox", sandbox), ("sandbox and container, running", running), ("first line in the log", written),
        ("stop and remove", Stopwatch.GetElapsedTime(stopping).TotalMilliseconds),
    ];
}

static string Line(string step, List<double> times)
{
    times.Sort();
    return string.Create(CultureInfo.InvariantCulture, $"{step,-32} {times[times.Count / 2],8:0.0} {times[(int)Math.Min(times.Count - 1, times.Count * 0.99)],8:0.0}");
}
