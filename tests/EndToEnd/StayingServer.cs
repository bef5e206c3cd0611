using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace Modular.EndToEnd;

/// <summary>An endpoint that stays: it counts in a stream that ends when it is told to, and echoes on WebSockets.</summary>
internal sealed class StayingServer : IAsyncDisposable
{
    private readonly ReservedPort _port = new();
    private readonly HttpListener _listener = new();
    private readonly CancellationTokenSource _streams = new();
    private readonly Task _loop;

    public StayingServer()
    {
        _listener.Prefixes.Add($"http://*:{Port}/");
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => _port.Number;

    /// <summary>Ends the streams in good order.</summary>
    public void EndStreams() => _streams.Cancel();

    public async ValueTask DisposeAsync()
    {
        EndStreams();
        // Not stopped before: to be closed then, it would listen once more, for which somebody else may have its port by now.
        _listener.Close();
        await _loop;
        _streams.Dispose();
        _port.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                _ = context.Request.IsWebSocketRequest ? EchoAsync(context) : CountAsync(context.Response);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task EchoAsync(HttpListenerContext context)
    {
        var socket = (await context.AcceptWebSocketAsync(null)).WebSocket;
        var buffer = new byte[256];
        try
        {
            while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } message)
            {
                await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, CancellationToken.None);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // The client went away; its test says so if it was not meant to.
        }
    }

    private async Task CountAsync(HttpListenerResponse response)
    {
        response.SendChunked = true;
        for (var i = 0; !_streams.IsCancellationRequested; i++)
        {
            await response.OutputStream.WriteAsync(Encoding.ASCII.GetBytes($"{i}\n"));
            await response.OutputStream.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }

        response.Close();
    }
}
