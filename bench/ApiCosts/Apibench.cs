using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Modular.EndToEnd;

namespace ApiCosts;

/// <summary>Runs apibench as a program and reads the JSON lines it prints.</summary>
internal static partial class Apibench
{
    public static async Task<Measurement> RunAsync(string apibench, TestCluster cluster, Scenario scenario)
    {
        var credentials = WriteCredentials(cluster);
        var result = await CommandResult.RunAsync(
            apibench,
            [
                "--server", $"https://127.0.0.1:{cluster.Port.ToString(CultureInfo.InvariantCulture)}", "--cert", credentials + ".client-certificate",
                "--key", credentials + ".client-key", "--cacert", credentials + ".certificate-authority",
                "--pids", $"server={cluster.HostPid.ToString(CultureInfo.InvariantCulture)}", "--namespace", "bench", "--scenarios", scenario.Run,
                .. scenario.Arguments,
            ],
            "", new Dictionary<string, string>(), CancellationToken.None);
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
            Value("cpu_s", "server") * 1000 / scenario.Operations, Value("rss_mib", "server"));
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
