using System.Buffers;
using System.Buffers.Text;
using System.Net.WebSockets;

namespace Modular.Plugins.NodeAgent.Endpoint;

/// <summary>A piece of what came on a channel; empty messages and those of a channel alone are pieces too.</summary>
internal readonly record struct ChannelPiece(byte Channel, ReadOnlyMemory<byte> Data);

/// <summary>
/// Channels over a WebSocket: each message begins with the number of its channel. Long messages come in pieces, so that no client decides how
/// much is kept. Sending is thread-safe, receiving is for one.
/// </summary>
internal sealed class ChannelSocket(WebSocket socket, ChannelProtocol protocol) : IDisposable
{
    // Whole groups of base64 after the channel's number.
    private const int PieceSize = 32 * 1024;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly byte[] _received = new byte[PieceSize + 1];
    private bool _within;

    public ChannelProtocol Protocol => protocol;

    public void Dispose() => _sending.Dispose();

    /// <summary>The next piece, valid until the next call; null once the client has gone or speaks another language.</summary>
    public async ValueTask<ChannelPiece?> ReceiveAsync(CancellationToken cancellationToken)
    {
        int? length;
        do
        {
            length = await FillAsync(cancellationToken).ConfigureAwait(false);
        }
        while (length == 0);

        if (length is null)
        {
            return null;
        }

        var data = _received.AsMemory(1, length.Value - 1);
        if (!protocol.IsBase64)
        {
            return new ChannelPiece(_received[0], data);
        }

        return Base64.DecodeFromUtf8InPlace(data.Span, out var decoded) == OperationStatus.Done
            ? new ChannelPiece((byte)(_received[0] - (byte)'0'), data[..decoded])
            : null;
    }

    public async ValueTask SendAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var message = ArrayPool<byte>.Shared.Rent(1 + (protocol.IsBase64 ? Base64.GetMaxEncodedToUtf8Length(data.Length) : data.Length));
        try
        {
            var length = Encode(channel, data.Span, message);
            await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var type = protocol.IsBase64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
                await socket.SendAsync(message.AsMemory(0, length), type, endOfMessage: true, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _sending.Release();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>Says goodbye, and waits a moment for the answer that <paramref name="receiving"/> waits for.</summary>
    public async Task CloseAsync(Task receiving, CancellationToken cancellationToken)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken).ConfigureAwait(false);
            await receiving.WaitAsync(CloseTimeout, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Receives until the buffer is full or the message ends. What goes on keeps its channel before it.</summary>
    private async ValueTask<int?> FillAsync(CancellationToken cancellationToken)
    {
        var length = _within ? 1 : 0;
        _within = true;
        while (_within && length < _received.Length)
        {
            try
            {
                var received = await socket.ReceiveAsync(_received.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                length += received.Count;
                _within = !received.EndOfMessage;
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
            {
                return null;
            }
        }

        return length;
    }

    private int Encode(byte channel, ReadOnlySpan<byte> data, Span<byte> message)
    {
        if (protocol.IsBase64)
        {
            message[0] = (byte)('0' + channel);
            Base64.EncodeToUtf8(data, message[1..], out _, out var encoded);
            return 1 + encoded;
        }

        message[0] = channel;
        data.CopyTo(message[1..]);
        return 1 + data.Length;
    }
}
