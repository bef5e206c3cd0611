using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Modular.Bench.RoleSwaps;

/// <summary>One writer, which never asks twice, and many watches: each has to see each write once and in its order.</summary>
internal sealed class WatchedWrites : IAsyncDisposable
{
    private const string Path = "/api/v1/namespaces/default/configmaps";
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stopWriting = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly long[] _seen;
    private readonly Task[] _watches;
    private readonly Task _writing;
    private long _acknowledged = -1;

    private WatchedWrites(HttpClient http, HttpResponseMessage[] streams)
    {
        _http = http;
        _seen = new long[streams.Length];
        Array.Fill(_seen, -1);
        _watches = [.. streams.Select((stream, index) => FollowAsync(stream, index))];
        _writing = WriteAsync();
    }

    public long Writes => _acknowledged + 1;

    public TimeSpan LongestWrite { get; private set; }

    public static async Task<WatchedWrites> StartAsync(HttpClient http, int watches)
    {
        var streams = new List<HttpResponseMessage>();
        for (var i = 0; i < watches; i++)
        {
            streams.Add((await http.GetAsync($"{Path}?watch=true&labelSelector=app%3Dwrites", HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode());
        }

        return new WatchedWrites(http, [.. streams]);
    }

    /// <summary>Ends the writer, waits until every watch has seen the last write, and says what was wrong.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        await _stopWriting.CancelAsync();
        await _writing;
        for (var since = Stopwatch.GetTimestamp(); _seen.Any(seen => seen < _acknowledged) && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(10);)
        {
            await Task.Delay(10);
        }

        var behind = _seen.Count(seen => seen < _acknowledged);
        return [.. _wrong, .. behind == 0 ? Array.Empty<string>() : [$"{behind} watches did not see write {_acknowledged}"]];
    }

    public async ValueTask DisposeAsync()
    {
        await _stopWriting.CancelAsync();
        await _stop.CancelAsync();
        await Task.WhenAll([.. _watches, _writing]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stopWriting.Dispose();
        _stop.Dispose();
    }

    private async Task WriteAsync()
    {
        for (var number = 0L; !_stopWriting.IsCancellationRequested && _wrong.Count < 10; number++)
        {
            var asked = Stopwatch.GetTimestamp();
            var text = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"write-{{{number}}}","labels":{"app":"writes"}},"data":{"number":"{{{number}}}"}}""";
            try
            {
                using var body = new StringContent(text, Encoding.UTF8, "application/json");
                using var answer = await _http.PostAsync(Path, body);
                if (!answer.IsSuccessStatusCode)
                {
                    _wrong.Enqueue($"write {number}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                    return;
                }
            }
            catch (HttpRequestException e)
            {
                _wrong.Enqueue($"write {number}: {e.Message}");
                return;
            }

            _acknowledged = number;
            LongestWrite = TimeSpan.FromTicks(Math.Max(LongestWrite.Ticks, Stopwatch.GetElapsedTime(asked).Ticks));
            await Task.Delay(20);
        }
    }

    private async Task FollowAsync(HttpResponseMessage stream, int index)
    {
        using (stream)
        {
            using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                using var document = JsonDocument.Parse(line);
                var type = document.RootElement.GetProperty("type").GetString();
                if (type == "BOOKMARK")
                {
                    continue;
                }

                var number = type == "ADDED"
                    ? long.Parse(document.RootElement.GetProperty("object").GetProperty("data").GetProperty("number").GetString()!, CultureInfo.InvariantCulture)
                    : -1;
                if (number != _seen[index] + 1)
                {
                    _wrong.Enqueue($"watch {index}: {type} {number} came after {_seen[index]}");
                    return;
                }

                _seen[index] = number;
            }

            _wrong.Enqueue($"watch {index} ended after {_seen[index]}");
        }
    }
}
