using System.Diagnostics;
using System.Globalization;

namespace DnsQueries;

/// <summary>One run of dnsperf.</summary>
internal sealed record Dnsperf(double Rate, double Lost, double P50, double P99, double CpuMicroseconds)
{
    private const int Seconds = 5;

    /// <summary>As many questions as the server answers.</summary>
    public static Task<Dnsperf> FloodAsync(MeasuredServer server, string questions, string mode) =>
        RunAsync(server, $"-m {mode} -c 4 -q 64 -l {Seconds} -d {questions}", eachAnswer: false);

    /// <summary>So many questions a second, with the time of each answer.</summary>
    public static Task<Dnsperf> PaceAsync(MeasuredServer server, string questions, int rate) =>
        RunAsync(server, $"-c 4 -q 64 -Q {rate} -l {Seconds} -d {questions} -v", eachAnswer: true);

    private static async Task<Dnsperf> RunAsync(MeasuredServer server, string arguments, bool eachAnswer)
    {
        var before = server.Cpu;
        using var process = Process.Start(
            new ProcessStartInfo("dnsperf", $"-s 127.0.0.1 -p {server.Port} {arguments}") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var latencies = new List<double>();
        var summary = new Dictionary<string, string>(StringComparer.Ordinal);
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (eachAnswer && line.StartsWith("> ", StringComparison.Ordinal))
            {
                latencies.Add(double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture) * 1000);
            }
            else if (line.Split(':', 2) is [var key, var value])
            {
                summary[key.Trim()] = value.Trim().Split(' ')[0];
            }
        }

        await process.WaitForExitAsync();
        if (!summary.TryGetValue("Queries per second", out var rate))
        {
            throw new InvalidOperationException($"dnsperf failed: {await errors}");
        }

        latencies.Sort();
        var completed = double.Parse(summary["Queries completed"], CultureInfo.InvariantCulture);
        return new Dnsperf(
            double.Parse(rate, CultureInfo.InvariantCulture),
            double.Parse(summary["Queries lost"], CultureInfo.InvariantCulture),
            At(0.5),
            At(0.99),
            (server.Cpu - before).TotalMicroseconds / completed);

        double At(double share) => latencies.Count == 0 ? 0 : latencies[(int)(share * (latencies.Count - 1))];
    }
}
