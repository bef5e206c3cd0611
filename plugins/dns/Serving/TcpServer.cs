using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Modular.Plugins.Dns.Answering;

namespace Modular.Plugins.Dns.Serving;

/// <summary>Accepts connections from a lent socket and answers on them.</summary>
internal sealed partial class TcpServer : IAsyncDisposable
{
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _socket;
    private readonly int _most;
    private readonly Func<QuestionHandler> _newHandler;
    private readonly DnsMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly HashSet<Task> _connections = [];
    private readonly Task _accepting;
    private int _disposed;

    /// <summary>Begins to serve.</summary>
    public TcpServer(Socket socket, int most, Func<QuestionHandler> newHandler, DnsMetrics metrics, TimeProvider time, ILogger log)
    {
        _socket = socket;
        _most = most;
        _newHandler = newHandler;
        _metrics = metrics;
        _time = time;
        _log = log;
        _accepting = AcceptAsync();
    }

    /// <summary>Accepts no more, answers what was read and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        Task[] rest;
        lock (_connections)
        {
            rest = [.. _connections];
        }

        await Task.WhenAll(rest).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Keep(await _socket.AcceptAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException error)
            {
                // A client that left, or no descriptors for now.
                LogAcceptFailed(_log, error.Message);
                await Task.Delay(AcceptPause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Keep(Socket client)
    {
        lock (_connections)
        {
            if (_connections.Count >= _most)
            {
                client.Dispose();
                return;
            }

            var running = ServeAsync(client);
            _connections.Add(running);
            _ = running.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var connection = new TcpConnection(client, _newHandler(), _metrics, _time, _log);
        await connection.RunAsync(_stop.Token).ConfigureAwait(false);
    }

    private void Forget(Task connection)
    {
        lock (_connections)
        {
            _connections.Remove(connection);
        }
    }

    [LoggerMessage(LogLevel.Warning, "a connection could not be accepted: {Error}")]
    private static partial void LogAcceptFailed(ILogger log, string error);
}
