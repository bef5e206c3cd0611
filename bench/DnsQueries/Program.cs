using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DnsQueries;

// Asks the plugin's name server and Debian's dnsmasq the same questions in turns, with dnsperf (apt install dnsperf dnsmasq-base).
// Usage: DnsQueries [RUNS] [THREADS]
if (args is ["serve", var port, var serverThreads])
{
    await ModularServer.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), int.Parse(serverThreads, CultureInfo.InvariantCulture));
    return;
}

const int Pace = 20_000;
var runs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
var threads = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Math.Clamp(Environment.ProcessorCount, 1, 4);
var directory = Directory.CreateTempSubdirectory("modular-dns-");
try
{
    var questions = Path.Combine(directory.FullName, "questions");
    var hosts = Path.Combine(directory.FullName, "hosts");
    File.WriteAllLines(questions, NameTable.Questions());
    File.WriteAllLines(hosts, NameTable.ForDnsmasq());
    using var modular = MeasuredServer.StartModular(FreePort(), threads);
    using var dnsmasq = MeasuredServer.StartDnsmasq(FreePort(), hosts);
    MeasuredServer[] servers = [modular, dnsmasq];
    foreach (var server in servers)
    {
        await Dnsperf.FloodAsync(server, questions, "udp");
    }

    Console.WriteLine("| | server | questions/s | lost | p50 ms | p99 ms | server CPU, us a question |");
    Console.WriteLine("|---|---|---|---|---|---|---|");
    await CompareAsync("UDP, as many as go", server => Dnsperf.FloodAsync(server, questions, "udp"));
    await CompareAsync($"UDP, {Pace} a second", server => Dnsperf.PaceAsync(server, questions, Pace));
    await CompareAsync("TCP, as many as go", server => Dnsperf.FloodAsync(server, questions, "tcp"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"resident: Modular {modular.Memory:0} MB, dnsmasq {dnsmasq.Memory:0} MB"));

    async Task CompareAsync(string what, Func<MeasuredServer, Task<Dnsperf>> measure)
    {
        var results = servers.ToDictionary(server => server.Name, _ => new List<Dnsperf>());
        for (var run = 0; run < runs; run++)
        {
            foreach (var server in servers)
            {
                results[server.Name].Add(await measure(server));
            }
        }

        foreach (var (name, measured) in results)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {what} | {name} | {Median(m => m.Rate):0} | {measured.Sum(m => m.Lost):0} | {Median(m => m.P50):0.000} | {Median(m => m.P99):0.000} | {Median(m => m.CpuMicroseconds):0.0} |"));

            double Median(Func<Dnsperf, double> value) => measured.Select(value).Order().ElementAt(measured.Count / 2);
        }
    }
}
finally
{
    directory.Delete(recursive: true);
}

static int FreePort()
{
    using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    return ((IPEndPoint)socket.LocalEndPoint!).Port;
}
