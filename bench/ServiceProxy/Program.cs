using System.Globalization;
using System.Net;
using ServiceProxy;

// The plugin's proxy and Debian's HAProxy before the same backends, in turns (apt install haproxy wrk).
// Usage: ServiceProxy [RUNS] [SECONDS] [TCP|HTTP|UDP]
switch (args)
{
    case ["serve", var given, var useDirectory]:
        await ModularProxy.RunAsync(Ports.Parse(given), useDirectory);
        return;
    case ["echo", var port]:
        Datagrams.Echo(int.Parse(port, CultureInfo.InvariantCulture));
        return;
}

var runs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
var only = args.Length > 2 ? args[2] : null;
var directory = Directory.CreateTempSubdirectory("modular-proxy-").FullName;
var ports = Ports.Free();
try
{
    var self = Environment.ProcessPath!;
    var service = Ports.Service.ToString();
    using var backends = await MeasuredProcess.StartAsync(
        "haproxy", ["-db", "-f", HaproxyFiles.Backends(directory, ports)], new IPEndPoint(IPAddress.Loopback, ports.First));
    using var echo = await MeasuredProcess.StartAsync(self, ["echo", ports.Echo.ToString(CultureInfo.InvariantCulture)], null);
    using var haproxy = await MeasuredProcess.StartAsync(
        "haproxy", ["-db", "-f", HaproxyFiles.Peer(directory, ports)], new IPEndPoint(Ports.Service, ports.PeerHttp));
    using var modular = await MeasuredProcess.StartAsync(self, ["serve", ports.ToString(), Path.Combine(directory, "use")], new IPEndPoint(Ports.Service, ports.Http));

    Console.WriteLine("| | through | a second | p50 ms | p99 ms | failures | proxy CPU, us each |");
    Console.WriteLine("|---|---|---|---|---|---|---|");
    foreach (var close in new[] { false, true })
    {
        var what = close ? "a connection for each request" : "64 connections";
        if (only is null or "TCP")
        {
            await CompareAsync($"TCP, {what}", ("Modular", ports.Tcp, modular), ("HAProxy", ports.PeerTcp, haproxy), close);
        }

        if (only is null or "HTTP")
        {
            await CompareAsync($"HTTP, {what}", ("Modular", ports.Http, modular), ("HAProxy", ports.PeerHttp, haproxy), close);
        }
    }

    if (only is not (null or "UDP"))
    {
        return;
    }

    var direct = new List<Measurement>();
    var datagrams = new List<Measurement>();
    for (var run = 0; run <= runs; run++)
    {
        direct.Add(await Datagrams.RunAsync(new IPEndPoint(IPAddress.Loopback, ports.Echo), seconds, modular));
        datagrams.Add(await Datagrams.RunAsync(new IPEndPoint(Ports.Service, ports.Udp), seconds, modular));
    }

    Row("UDP", "nothing", direct[1..]);
    Row("UDP", "Modular", datagrams[1..]);

    async Task CompareAsync(
        string what, (string Name, int Port, MeasuredProcess Process) ours, (string Name, int Port, MeasuredProcess Process) peer, bool close)
    {
        var results = new Dictionary<string, List<Measurement>> { [ours.Name] = [], [peer.Name] = [] };
        for (var run = 0; run <= runs; run++)
        {
            foreach (var (name, port, process) in new[] { ours, peer })
            {
                results[name].Add(await Wrk.RunAsync(service, port, close, seconds, process));
            }
        }

        // The first run of each pays for what is compiled once.
        foreach (var (name, measured) in results)
        {
            Row(what, name, measured[1..]);
        }
    }
}
finally
{
    Directory.Delete(directory, recursive: true);
}

static void Row(string what, string through, IReadOnlyList<Measurement> measured)
{
    var median = Measurement.Median(measured);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {what} | {through} | {median.Rate:0} | {median.P50:0.00} | {median.P99:0.00} | {median.Failures} | {median.CpuMicroseconds:0.0} |"));
}
