using System.IO.Pipelines;
using Modular.Plugins.NodeAgent.Endpoint;

namespace Modular.Plugins.NodeAgent.PortForward;

/// <summary>One channel of a WebSocket. Neither side can end it before the others.</summary>
internal sealed class ChannelStream(ChannelSocket socket, byte channel) : IForwardedStream
{
    private readonly Pipe _input = new(new PipeOptions(useSynchronizationContext: false));

    public byte Channel => channel;

    public PipeReader Input => _input.Reader;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => socket.SendAsync(channel, data, cancellationToken);

    public ValueTask FinishAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Takes in what the client sends; waits while too much is unread.</summary>
    public async ValueTask ReceiveAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        await _input.Writer.WriteAsync(data, cancellationToken).ConfigureAwait(false);
}
