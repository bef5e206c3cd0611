using System.Buffers.Binary;
using Modular.Plugins.NodeAgent.Endpoint;

namespace Modular.Plugins.NodeAgent.PortForward;

/// <summary>Forwards ports over the channels of a WebSocket: two for each port, data and errors, which begin with the port's number.</summary>
internal sealed class ChannelForward(ChannelSocket socket, PodPorts ports, CancellationToken over)
{
    /// <summary>How many ports have channels.</summary>
    public const int MostPorts = 127;

    /// <summary>Serves a client until its connections have ended, or it has gone, or the pod has.</summary>
    public async Task RunAsync(IReadOnlyList<int> numbers)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(over);
        var streams = Enumerable.Range(0, 2 * numbers.Count).Select(channel => new ChannelStream(socket, (byte)channel)).ToArray();
        foreach (var stream in streams)
        {
            var number = new byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16LittleEndian(number, (ushort)numbers[stream.Channel / 2]);
            await stream.WriteAsync(number, over).ConfigureAwait(false);
        }

        var connections = Task.WhenAll(numbers.Select(
            (port, index) => new ForwardedConnection(ports, port, streams[2 * index], streams[(2 * index) + 1]).RunAsync(gone.Token)));
        var receiving = ReceiveAsync(streams, gone.Token);
        try
        {
            await Task.WhenAny(connections, receiving).ConfigureAwait(false);
            await socket.CloseAsync(receiving, over).ConfigureAwait(false);
        }
        finally
        {
            await gone.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(connections, receiving).ConfigureAwait(false);
        }
    }

    private async Task ReceiveAsync(ChannelStream[] streams, CancellationToken cancellationToken)
    {
        try
        {
            while (await socket.ReceiveAsync(cancellationToken).ConfigureAwait(false) is { } piece)
            {
                if (piece.Channel < streams.Length)
                {
                    await streams[piece.Channel].ReceiveAsync(piece.Data, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The connections have ended.
        }
    }
}
