using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;

namespace Modular.Plugins.NodeAgent.PortForward;

/// <summary>One connection to a port of a pod, between its client's two streams.</summary>
internal sealed class ForwardedConnection(PodPorts ports, int port, IForwardedStream data, IForwardedStream error)
{
    private const int ChunkSize = 32 * 1024;

    /// <summary>Connects and carries bytes until both sides have ended, or one of them has gone. Never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Clients write nothing here.
            await error.Input.CompleteAsync().ConfigureAwait(false);
            await ForwardAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The client has gone, or the pod: nobody is left to be told.
        }
        finally
        {
            await data.Input.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task ForwardAsync(CancellationToken cancellationToken)
    {
        Socket socket;
        try
        {
            socket = await ports.ConnectAsync(port, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            await FailAsync(exception.Message, cancellationToken).ConfigureAwait(false);
            return;
        }

        using (socket)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var sending = SendAsync(socket, over);
            var receiving = ReceiveAsync(socket, over);
            await Task.WhenAll(sending, receiving).ConfigureAwait(false);
        }
    }

    private async Task FailAsync(string reason, CancellationToken cancellationToken)
    {
        var message = $"error forwarding port {port} to pod {ports.PodName}: {reason}";
        await error.WriteAsync(Encoding.UTF8.GetBytes(message), cancellationToken).ConfigureAwait(false);
        await data.FinishAsync(cancellationToken).ConfigureAwait(false);
        await error.FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the client sends, to the pod. Its end is passed on; if it has gone, so does the connection.</summary>
    private async Task SendAsync(Socket socket, CancellationTokenSource over)
    {
        try
        {
            while (true)
            {
                var read = await data.Input.ReadAsync(over.Token).ConfigureAwait(false);
                foreach (var part in read.Buffer)
                {
                    await SendAsync(socket, part, over.Token).ConfigureAwait(false);
                }

                data.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    socket.Shutdown(SocketShutdown.Send);
                    return;
                }
            }
        }
        catch (SocketException)
        {
            // The pod reads no more; what it says yet is received. Nor is the client's rest of use.
            await data.Input.CompleteAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    private static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            data = data[await socket.SendAsync(data, cancellationToken).ConfigureAwait(false)..];
        }
    }

    /// <summary>What the pod sends, to the client, which takes the end of the errors for that of the connection.</summary>
    private async Task ReceiveAsync(Socket socket, CancellationTokenSource over)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            while (await ReceiveAsync(socket, buffer, over.Token).ConfigureAwait(false) is > 0 and var count)
            {
                await data.WriteAsync(buffer.AsMemory(0, count), over.Token).ConfigureAwait(false);
            }

            await data.FinishAsync(over.Token).ConfigureAwait(false);
            await error.FinishAsync(over.Token).ConfigureAwait(false);
        }
        catch (IOException)
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<int> ReceiveAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // The pod has reset the connection, which the client's protocol has no word for.
            return 0;
        }
    }
}
