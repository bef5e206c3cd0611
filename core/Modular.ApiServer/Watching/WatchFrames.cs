using System.Buffers;
using System.Net.WebSockets;

namespace Modular.ApiServer;

/// <summary>A watch over a WebSocket, one message an event: text for JSON, binary for protobuf. What the client sends is passed over.</summary>
internal sealed class WatchFrames : IWatchSink, IAsyncDisposable
{
    private const int FirstCapacity = 4096;

    // In a stream each event has its length in front; a message has its own.
    private const int ProtobufPrefix = 4;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly ArrayBufferWriter<byte> _event = new(FirstCapacity);
    private readonly CancellationToken _aborted;
    private readonly CancellationTokenSource _gone;
    private readonly WebSocket _socket;
    private readonly bool _isProtobuf;
    private readonly Task _reading;

    private WatchFrames(WebSocket socket, bool isProtobuf, CancellationToken aborted)
    {
        _socket = socket;
        _isProtobuf = isProtobuf;
        _aborted = aborted;
        _gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _reading = ReadAsync();
    }

    /// <inheritdoc />
    public IBufferWriter<byte> Writer => _event;

    /// <summary>Ends when the client leaves.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Makes the request a WebSocket, by the first protocol the client proposes if it proposes any.</summary>
    public static async Task<WatchFrames> AcceptAsync(HttpContext context, bool isProtobuf)
    {
        var proposed = context.WebSockets.WebSocketRequestedProtocols;
        var socket = await context.WebSockets.AcceptWebSocketAsync(proposed.Count > 0 ? proposed[0] : null).ConfigureAwait(false);
        return new WatchFrames(socket, isProtobuf, context.RequestAborted);
    }

    /// <inheritdoc />
    public async ValueTask<bool> SendAsync(bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendAsync(
                _event.WrittenMemory[(_isProtobuf ? ProtobufPrefix : 0)..],
                _isProtobuf ? WebSocketMessageType.Binary : WebSocketMessageType.Text,
                endOfMessage: true,
                cancellationToken).ConfigureAwait(false);
            _event.ResetWrittenCount();
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }

    /// <summary>Says farewell, and gives the client some time to say it too.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_aborted);
            patience.CancelAfter(Farewell);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token).ConfigureAwait(false);
            await _reading.WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It is gone already, or does not answer.
        }

        // Else the reading would wait for whoever does not answer.
        await _gone.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _socket.Dispose();
        _gone.Dispose();
    }

    private async Task ReadAsync()
    {
        var ignored = new byte[128];
        try
        {
            while ((await _socket.ReceiveAsync(ignored.AsMemory(), _gone.Token).ConfigureAwait(false)).MessageType != WebSocketMessageType.Close)
            {
                // Nothing a client says changes its watch.
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // It left without a word.
        }

        await _gone.CancelAsync().ConfigureAwait(false);
    }
}
