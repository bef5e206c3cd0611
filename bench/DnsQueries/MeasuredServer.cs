using System.Diagnostics;
using System.Globalization;

namespace DnsQueries;

/// <summary>A server in a process of its own.</summary>
internal sealed class MeasuredServer : IDisposable
{
    private readonly Process _process;

    private MeasuredServer(string name, int port, Process process)
    {
        Name = name;
        Port = port;
        _process = process;
    }

    public string Name { get; }

    public int Port { get; }

    /// <summary>CPU time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Memory now, in MB.</summary>
    public double Memory
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
            return double.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
        }
    }

    public static MeasuredServer StartModular(int port, int threads) =>
        Start("Modular", port, Environment.ProcessPath!, $"serve {port} {threads}");

    public static MeasuredServer StartDnsmasq(int port, string hostsFile) => Start(
        "dnsmasq",
        port,
        "dnsmasq",
        $"--keep-in-foreground --conf-file=/dev/null --port={port} --listen-address=127.0.0.1 --bind-interfaces --no-resolv --no-hosts"
        + $" --addn-hosts={hostsFile} --local=/cluster.local/ --local-ttl=5 --neg-ttl=5 --dns-forward-max=1000 --user= --group= --pid-file=");

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static MeasuredServer Start(string name, int port, string file, string arguments) => new(
        name, port, Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
}
