using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Modular.EndToEnd;

/// <summary>Asks without pause until it is stopped, never twice for the same, and remembers what failed.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _failures = [];
    private readonly Task _loop;

    private Load(Func<CancellationToken, Task> ask) => _loop = RunAsync(ask);

    public int Answers { get; private set; }

    /// <summary>The time of the answer that took longest.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>A connection for each request.</summary>
    public static Load OnNewConnections(IPEndPoint server) => new(async token =>
    {
        using var conversation = await HttpConversation.OpenAsync(server, token);
        await conversation.AskAsync(token);
    });

    /// <summary>Connections, and nothing on them.</summary>
    public static Load OfConnections(IPEndPoint server) => new(async token =>
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, token);
    });

    /// <summary>All requests on one connection.</summary>
    public static async Task<Load> OnOneConnectionAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        var conversation = await HttpConversation.OpenAsync(server, cancellationToken);
        return new Load(conversation.AskAsync);
    }

    /// <summary>Questions to a name server, each in a datagram of its own.</summary>
    public static Load OfNames(IPEndPoint server, byte[] question, Func<byte[], int, bool> isRight) => new(async token =>
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var answer = new byte[512];
        await socket.ConnectAsync(server, token);
        await socket.SendAsync(question, token);
        var length = await socket.ReceiveAsync(answer, token);
        if (!isRight(answer, length))
        {
            throw new IOException($"a wrong answer: {Convert.ToHexString(answer, 0, length)}");
        }
    });

    /// <summary>Waits until more was answered.</summary>
    public async Task WaitForMoreAsync(int answers, CancellationToken cancellationToken)
    {
        for (var until = Answers + answers; Answers < until && _failures.Count == 0;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    /// <summary>Ends the load and says what failed.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        return _failures;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(Func<CancellationToken, Task> ask)
    {
        while (!_stop.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            try
            {
                var asked = Stopwatch.GetTimestamp();
                await ask(limit.Token);
                Answers++;
                Longest = TimeSpan.FromTicks(Math.Max(Longest.Ticks, Stopwatch.GetElapsedTime(asked).Ticks));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                _failures.Add($"after {Answers} answers: {e.Message}");
                if (_failures.Count == 10)
                {
                    return;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }
    }
}
