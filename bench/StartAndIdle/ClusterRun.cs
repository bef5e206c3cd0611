using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace StartAndIdle;

/// <summary>One cluster in a directory of its own, from start to end.</summary>
internal static partial class ClusterRun
{
    private const string Pod = """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"first"},"spec":{"terminationGracePeriodSeconds":0,
        "containers":[{"name":"main","image":"host","command":["sleep","1000"]}]}}
        """;

    public static async Task<Sample> MeasureAsync(string modular, TimeSpan idle)
    {
        var directory = Directory.CreateTempSubdirectory("modular-bench-").FullName;
        var port = FreePort();
        try
        {
            var started = Stopwatch.GetTimestamp();
            var host = Start(modular, directory, port);
            using var http = await ConnectAsync(directory, port);
            await ReadyAsync(http);
            var ready = Stopwatch.GetElapsedTime(started).TotalSeconds;

            started = Stopwatch.GetTimestamp();
            await RunPodAsync(http);
            var pod = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await http.DeleteAsync("/api/v1/namespaces/default/pods/first");

            await Task.Delay(idle);
            var processes = Processes(directory, host.Id);
            var before = processes.Sum(CpuTicks);
            var window = TimeSpan.FromSeconds(5);
            await Task.Delay(window);
            var cpu = (processes.Sum(CpuTicks) - before) / 100.0 / window.TotalSeconds * 100;
            var (pss, rss, anonymous) = Memory(processes);

            host.Kill();
            await host.WaitForExitAsync();
            started = Stopwatch.GetTimestamp();
            using var second = Start(modular, directory, port);
            await ReadyAsync(http);
            var restart = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return new Sample(ready, pod, restart, pss, rss, anonymous, processes.Count, cpu);
        }
        finally
        {
            using var down = Process.Start(new ProcessStartInfo(modular) { ArgumentList = { "down", "--data-dir", directory }, RedirectStandardOutput = true })!;
            await down.WaitForExitAsync();
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Process Start(string modular, string directory, int port) => Process.Start(new ProcessStartInfo(modular)
    {
        ArgumentList = { "up", "--data-dir", directory, "--listen", $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}" },
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    // The kubeconfig is written before the API listens; until it is there nobody could ask.
    private static async Task<HttpClient> ConnectAsync(string directory, int port)
    {
        var path = Path.Combine(directory, "kubeconfig");
        while (!File.Exists(path))
        {
            await Task.Delay(2);
        }

        var config = await File.ReadAllTextAsync(path);
        string Pem(string name) => Encoding.ASCII.GetString(Convert.FromBase64String(Regex.Match(config, name + @": ""?([A-Za-z0-9+/=]+)").Groups[1].Value));
        var identity = X509Certificate2.CreateFromPem(Pem("client-certificate-data"), Pem("client-key-data"));
        var authority = X509Certificate2.CreateFromPem(Pem("certificate-authority-data"));
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => identity;
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}") };
    }

    private static async Task ReadyAsync(HttpClient http)
    {
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync("/readyz");
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(2);
        }
    }

    private static async Task RunPodAsync(HttpClient http)
    {
        const string Pods = "/api/v1/namespaces/default/pods";
        using var watch = await http.GetAsync(Pods + "?watch=true&fieldSelector=metadata.name%3Dfirst", HttpCompletionOption.ResponseHeadersRead);
        using var created = await http.PostAsync(Pods, new StringContent(Pod, Encoding.UTF8, "application/json"));
        created.EnsureSuccessStatusCode();
        using var events = new StreamReader(await watch.Content.ReadAsStreamAsync());
        while (await events.ReadLineAsync() is { } line)
        {
            if (line.Contains("\"phase\":\"Running\"", StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException("the watch ended before the pod ran");
    }

    // The host, and every helper that left a pid file below the data directory.
    private static List<int> Processes(string directory, int host)
    {
        var pids = new List<int> { host };
        foreach (var file in Directory.EnumerateFiles(directory, "*.pid", SearchOption.AllDirectories))
        {
            var pid = int.Parse(File.ReadAllText(file).Split(' ')[0], CultureInfo.InvariantCulture);
            if (!pids.Contains(pid) && Directory.Exists($"/proc/{pid}"))
            {
                pids.Add(pid);
            }
        }

        return pids;
    }

    private static double CpuTicks(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private static (double Pss, double Rss, double Anonymous) Memory(List<int> pids)
    {
        double pss = 0, rss = 0, anonymous = 0;
        foreach (var pid in pids)
        {
            foreach (var line in File.ReadLines($"/proc/{pid}/smaps_rollup"))
            {
                var match = Size().Match(line);
                var megabytes = match.Success ? double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) / 1024 : 0;
                switch (match.Groups[1].Value)
                {
                    case "Pss": pss += megabytes; break;
                    case "Rss": rss += megabytes; break;
                    case "Anonymous": anonymous += megabytes; break;
                }
            }
        }

        return (pss, rss, anonymous);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    [GeneratedRegex(@"^(Pss|Rss|Anonymous):\s+(\d+) kB")]
    private static partial Regex Size();
}
