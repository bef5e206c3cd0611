using System.Diagnostics;
using System.Net.Sockets;

namespace Modular.Host.Demo;

/// <summary>
/// Asks a service without pause and never asks twice for the same answer, over both of its ports, each in turns on a connection that is kept
/// and on a new one; so it notices every request that is lost and how long nobody answered.
/// </summary>
internal sealed class ServiceProbe : IAsyncDisposable
{
    public const int HttpPort = 8080;
    public const int TcpPort = 9090;

    private readonly string _address;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private long _lastAnswer = Stopwatch.GetTimestamp();
    private TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServiceProbe(string address)
    {
        _address = address;
        _running = RunAsync();
    }

    public int Requests { get; private set; }

    public int Failures { get; private set; }

    /// <summary>What the first failure was.</summary>
    public string FirstFailure { get; private set; } = "";

    /// <summary>The longest time between two answers.</summary>
    public TimeSpan LongestGap { get; private set; }

    /// <summary>Waits for an answer that comes from now on; false if none does in time.</summary>
    public async Task<bool> WaitForAnswerAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _answered, answered);
        try
        {
            await answered.Task.WaitAsync(patience, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Ends the probing, so that the figures stand.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    /// <summary>One request on a connection of its own; the answer, or why there is none.</summary>
    public static async Task<string> AskOnceAsync(string address, int port, CancellationToken cancellationToken)
    {
        using var http = Client();
        try
        {
            return await http.GetStringAsync(new Uri($"http://{address}:{port}/"), cancellationToken);
        }
        catch (Exception e) when (IsRefusal(e, cancellationToken))
        {
            return e.Message;
        }
    }

    private async Task RunAsync()
    {
        using var kept = Client();
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            var uri = new Uri($"http://{_address}:{((i & 1) == 0 ? HttpPort : TcpPort)}/");
            using var fresh = (i & 2) == 0 ? Client() : null;
            await AskAsync(fresh ?? kept, uri);
        }
    }

    private async Task AskAsync(HttpClient http, Uri uri)
    {
        Requests++;
        try
        {
            await http.GetStringAsync(uri, CancellationToken.None);
            var now = Stopwatch.GetTimestamp();
            var gap = Stopwatch.GetElapsedTime(_lastAnswer, now);
            LongestGap = gap > LongestGap ? gap : LongestGap;
            _lastAnswer = now;
            Volatile.Read(ref _answered).TrySetResult();
        }
        catch (Exception e) when (IsRefusal(e, CancellationToken.None))
        {
            FirstFailure = Failures++ == 0 ? $"{uri}: {e.Message}" : FirstFailure;
            // Where nobody listens the refusal comes at once; without a pause the probe would take the machine from those who start.
            await Task.Delay(5, CancellationToken.None);
        }
    }

    private static HttpClient Client() => new() { Timeout = TimeSpan.FromSeconds(5) };

    private static bool IsRefusal(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or SocketException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested);
}
