using System.Diagnostics;

namespace LargeStore;

/// <summary>What a client of one namespace sees: how long its list takes, and how soon its watch tells of a new pod. Medians, in ms.</summary>
internal sealed record OneNamespace(double ListMilliseconds, double WatchMilliseconds)
{
    private const int Rounds = 31;

    public static async Task<OneNamespace> MeasureAsync(HttpClient http, Workload workload, string ns, string prefix)
    {
        var pods = new Uri($"/api/v1/namespaces/{ns}/pods", UriKind.Relative);
        var lists = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync(pods);
            answer.EnsureSuccessStatusCode();
            lists.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        using var watch = await http.GetAsync(new Uri($"{pods}?watch=true", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var events = new StreamReader(await watch.Content.ReadAsStreamAsync());
        var seen = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            var name = $"{prefix}-{i}";
            var begun = Stopwatch.GetTimestamp();
            var created = workload.CreatePodAsync(ns, name, i);
            while (await events.ReadLineAsync() is { } line && !line.Contains($"\"name\":\"{name}\"", StringComparison.Ordinal))
            {
            }

            seen.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            await created;
        }

        return new OneNamespace(Median(lists), Median(seen));
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
