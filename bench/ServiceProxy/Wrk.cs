using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ServiceProxy;

/// <summary>HTTP requests by wrk, on 64 connections with one thread.</summary>
internal static partial class Wrk
{
    public static async Task<Measurement> RunAsync(string host, int port, bool close, int seconds, MeasuredProcess proxy)
    {
        var arguments = new List<string> { "-t1", "-c64", $"-d{seconds}s", "--latency" };
        if (close)
        {
            arguments.AddRange(["-H", "Connection: close"]);
        }

        arguments.Add($"http://{host}:{port}/");
        var before = proxy.Cpu;
        using var process = Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var cpu = proxy.Cpu - before;
        var requests = Number(Requests().Match(output).Groups[1].Value);
        var failures = Errors().Match(output) is { Success: true } errors ? errors.Groups.Values.Skip(1).Sum(group => Number(group.Value)) : 0;
        failures += NotOk().Match(output) is { Success: true } other ? Number(other.Groups[1].Value) : 0;
        return new(
            Number(Rate().Match(output).Groups[1].Value), Milliseconds(P50().Match(output)), Milliseconds(P99().Match(output)),
            (long)failures, cpu.TotalMicroseconds / requests);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static double Milliseconds(Match match) => Number(match.Groups[1].Value) * match.Groups[2].Value switch
    {
        "us" => 0.001,
        "ms" => 1,
        _ => 1000,
    };

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"50%\s+([\d.]+)(\w+)")]
    private static partial Regex P50();

    [GeneratedRegex(@"99%\s+([\d.]+)(\w+)")]
    private static partial Regex P99();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex Errors();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex NotOk();
}
