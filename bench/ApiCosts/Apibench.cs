using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Modular.EndToEnd;

namespace ApiCosts;

/// <summary>Runs apibench as a program and reads the JSON lines it prints.</summary>
internal sealed partial class Apibench(string program, TestCluster cluster, HttpClient http)
{
    public const string WarmUpNamespace = "warmup";

    // Each call begins with a thousand requests that are no part of the scenario.
    private static readonly Scenario NothingMuch = new("get", "get", ["--count", "1", "--pods", "1"], 1, 0, 0, 0, 0) { Namespace = WarmUpNamespace };

    private readonly string _credentials = WriteCredentials(cluster);

    /// <summary>Runs a scenario.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="warmUpBytes">What the server allocates for a call without a scenario.</param>
    public async Task<Measurement> RunAsync(Scenario scenario, double warmUpBytes)
    {
        var before = await AllocatedAsync();
        var result = await CallAsync(scenario);
        var allocated = await AllocatedAsync() - before - warmUpBytes;
        var metrics = result.MustSucceed().Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonNode.Parse(l)!.AsObject()).ToList();
        double Value(string metric, string process = "") => metrics
            .Where(m => m["scenario"]!.GetValue<string>() == scenario.Name && m["metric"]!.GetValue<string>() == metric && (m["process"]?.GetValue<string>() ?? "") == process)
            .Select(m => m["value"]!.GetValue<double>()).FirstOrDefault();
        // A list is timed as a whole, by its median and its longest; everything else has a rate and percentiles.
        var list = scenario.Run == "list" ? Value("seconds") : 0;
        return new Measurement(
            list > 0 ? 1 / list : Math.Max(Value("ops_per_s"), Value("events_per_s")),
            list > 0 ? list * 1000 : Value("p50_ms"),
            list > 0 ? Value("seconds_max") * 1000 : Value("p99_ms"),
            Value("cpu_s", "server") * 1000 / scenario.Operations,
            Math.Max(0, allocated / scenario.Operations),
            Value("rss_mib", "server"));
    }

    /// <summary>What the server allocates for a call without a scenario.</summary>
    public async Task<double> WarmUpAsync()
    {
        var before = await AllocatedAsync();
        await CallAsync(NothingMuch);
        return await AllocatedAsync() - before;
    }

    private Task<CommandResult> CallAsync(Scenario scenario) => CommandResult.RunAsync(
        program,
        [
            "--server", $"https://127.0.0.1:{cluster.Port.ToString(CultureInfo.InvariantCulture)}", "--cert", _credentials + ".client-certificate",
            "--key", _credentials + ".client-key", "--cacert", _credentials + ".certificate-authority",
            "--pids", $"server={cluster.HostPid.ToString(CultureInfo.InvariantCulture)}", "--namespace", scenario.Namespace, "--scenarios", scenario.Run,
            .. scenario.Arguments,
        ],
        "", new Dictionary<string, string>(), CancellationToken.None);

    private async Task<double> AllocatedAsync()
    {
        const string Name = "dotnet_gc_heap_total_allocated_bytes_total ";
        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return double.Parse(metrics.Split('\n').Single(line => line.StartsWith(Name, StringComparison.Ordinal))[Name.Length..], CultureInfo.InvariantCulture);
    }

    private static string WriteCredentials(TestCluster cluster)
    {
        var path = Path.Combine(cluster.DataDirectory, "bench");
        foreach (Match match in Data().Matches(File.ReadAllText(cluster.Kubeconfig)))
        {
            File.WriteAllText($"{path}.{match.Groups[1].Value}", Encoding.ASCII.GetString(Convert.FromBase64String(match.Groups[2].Value)));
        }

        return path;
    }

    [GeneratedRegex(@"([a-z-]+)-data: ""?([A-Za-z0-9+/=]+)")]
    private static partial Regex Data();
}
