using System.Diagnostics;
using System.Globalization;
using Modular.Abstractions;
using Modular.Plugins.NetworkBridge.Tests;

// Connects and disconnects sandboxes, with a number of others connected, beside what the same costs with Debian's ip(8).
// Usage: PodNetwork [ROUNDS [OTHERS]], as root; all of it happens in network namespaces of its own.
const int AtOnce = 30;
var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200;
var others = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100;
using var node = new Node();
var network = node.Start();
for (var i = 0; i < others; i++)
{
    node.Attach(network, $"other-{i}", node.Sandbox());
}

Console.WriteLine($"{others} others connected, {rounds} rounds | p50 ms | p99 ms");
foreach (var ports in (PodHostPort[][])[[], [new PodHostPort("TCP", "", 8080, 80)]])
{
    var (attached, detached) = (new List<double>(), new List<double>());
    for (var i = 0; i < rounds; i++)
    {
        using var sandbox = new Machine();
        var start = Stopwatch.GetTimestamp();
        node.Attach(network, "pod", sandbox, ports);
        attached.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        start = Stopwatch.GetTimestamp();
        node.Machine.Do(() => network.Detach("pod"));
        detached.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    var what = ports.Length == 0 ? "" : " with a host port";
    Report($"attach{what}", attached);
    Report($"detach{what}", detached);
}

var together = new List<double>();
for (var i = 0; i < rounds / AtOnce; i++)
{
    var sandboxes = Enumerable.Range(0, AtOnce).Select(_ => new Machine()).ToList();
    var ids = sandboxes.Select((_, index) => $"pod-{index}").ToList();
    foreach (var (sandbox, id) in sandboxes.Zip(ids))
    {
        node.Attach(network, id, sandbox);
    }

    var start = Stopwatch.GetTimestamp();
    node.Machine.Do(() => network.Detach(ids));
    together.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    sandboxes.ForEach(sandbox => sandbox.Dispose());
}

Report($"detach {AtOnce} at once", together);

if (File.Exists("/usr/sbin/ip") || File.Exists("/sbin/ip"))
{
    var (attached, detached) = (new List<double>(), new List<double>());
    for (var i = 0; i < rounds; i++)
    {
        using var sandbox = new Machine();
        var inside = $"/proc/{Environment.ProcessId}/fd/{sandbox.Path.Split('/')[^1]}";
        var start = Stopwatch.GetTimestamp();
        Ip(node.Machine, $"link add bench0 type veth peer name eth0");
        Ip(node.Machine, $"link set bench0 master {node.Names.Bridge} up");
        Ip(node.Machine, $"link set eth0 netns {inside}");
        Ip(sandbox, "link set lo up");
        Ip(sandbox, "addr add 10.244.0.250/24 dev eth0");
        Ip(sandbox, "link set eth0 up");
        Ip(sandbox, "route add default via 10.244.0.1");
        attached.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        start = Stopwatch.GetTimestamp();
        Ip(node.Machine, "link del bench0");
        detached.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    Report("ip(8), the same steps: attach", attached);
    Report("ip(8): detach", detached);
}

node.Remove();

static void Report(string what, List<double> times)
{
    times.Sort();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} | {times[times.Count / 2]:0.00} | {times[times.Count * 99 / 100]:0.00}"));
}

static void Ip(Machine machine, string arguments) => machine.Do(() =>
{
    using var process = Process.Start("ip", arguments);
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        throw new InvalidOperationException($"ip {arguments} failed");
    }
});
