using System.Diagnostics;
using System.Text.Json.Nodes;
using Modular.Host.Client;

namespace Modular.Host.Demo;

/// <summary>Writes and reads all the time, one request after the other, and so notices whether the API ever pauses.</summary>
internal sealed class ApiProbe : IAsyncDisposable
{
    private const string Path = "/api/v1/namespaces/default/configmaps";

    private readonly ApiConnection _api;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public ApiProbe(ApiConnection api)
    {
        _api = api;
        _running = RunAsync(_stop.Token);
    }

    public int Requests { get; private set; }

    public int Failures { get; private set; }

    public TimeSpan Slowest { get; private set; }

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync();
            await _running;
        }

        _stop.Dispose();
    }

    /// <summary>Ends the probing, so that the figures stand.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                var probe = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "ConfigMap",
                    ["metadata"] = new JsonObject { ["generateName"] = "probe-" },
                };
                var made = await _api.SendAsync(HttpMethod.Post, Path, probe, "", CancellationToken.None);
                await _api.SendAsync(HttpMethod.Delete, $"{Path}/{made["metadata"]!["name"]}", null, "", CancellationToken.None);
            }
            catch (Exception e) when (e is ApiFailure or ConnectionFailure)
            {
                Failures++;
            }

            Requests += 2;
            var took = Stopwatch.GetElapsedTime(started);
            Slowest = took > Slowest ? took : Slowest;
        }
    }
}
