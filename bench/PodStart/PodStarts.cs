using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace PodStart;

/// <summary>Creates pods and hears of them on one watch.</summary>
internal sealed class PodStarts
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<string, Followed> _followed = new(StringComparer.Ordinal);
    private int _number;

    private PodStarts(HttpClient http) => _http = http;

    public static async Task<PodStarts> OpenAsync(HttpClient http)
    {
        var starts = new PodStarts(http);
        var watch = await http.GetAsync(Pods + "?watch=true", HttpCompletionOption.ResponseHeadersRead);
        watch.EnsureSuccessStatusCode();
        _ = starts.FollowAsync(new StreamReader(await watch.Content.ReadAsStreamAsync()));
        return starts;
    }

    /// <summary>Creates pods at once; the milliseconds from this moment until each was seen running.</summary>
    public async Task<IReadOnlyList<double>> StartAsync(int count)
    {
        var names = Enumerable.Range(0, count).Select(_ => $"pod-{_number++}").ToList();
        foreach (var name in names)
        {
            _followed[name] = new Followed();
        }

        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(names.Select(CreateAsync));
        var running = await Task.WhenAll(names.Select(name => _followed[name].Running.Task.WaitAsync(TimeSpan.FromMinutes(1))));
        return [.. running.Select(at => Stopwatch.GetElapsedTime(started, at).TotalMilliseconds)];
    }

    /// <summary>Deletes all pods and waits until they are gone.</summary>
    public async Task EndAsync()
    {
        await Task.WhenAll(_followed.Keys.Select(name => _http.DeleteAsync($"{Pods}/{name}?gracePeriodSeconds=0")));
        await Task.WhenAll(_followed.Values.Select(pod => pod.Gone.Task.WaitAsync(TimeSpan.FromMinutes(1))));
        _followed.Clear();
    }

    private async Task CreateAsync(string name)
    {
        var pod = $$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}"},"spec":{"terminationGracePeriodSeconds":0,
            "containers":[{"name":"main","image":"host","command":["sleep","1000"]}]}}
            """;
        using var answer = await _http.PostAsync(Pods, new StringContent(pod, Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();
    }

    private async Task FollowAsync(StreamReader events)
    {
        while (await events.ReadLineAsync() is { } line)
        {
            var at = Stopwatch.GetTimestamp();
            using var change = JsonDocument.Parse(line);
            var pod = change.RootElement.GetProperty("object");
            if (!_followed.TryGetValue(pod.GetProperty("metadata").GetProperty("name").GetString()!, out var followed))
            {
                continue;
            }

            if (change.RootElement.GetProperty("type").GetString() == "DELETED")
            {
                followed.Gone.TrySetResult();
            }
            else if (pod.GetProperty("status").TryGetProperty("phase", out var phase) && phase.GetString() == "Running")
            {
                followed.Running.TrySetResult(at);
            }
        }
    }

    private sealed class Followed
    {
        public TaskCompletionSource<long> Running { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
