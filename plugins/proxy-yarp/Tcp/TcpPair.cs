using System.Buffers;
using System.Net.Sockets;

namespace Modular.Plugins.ProxyYarp.Tcp;

/// <summary>A client and its endpoint. What one sends the other gets; an end in one direction leaves the other open.</summary>
internal sealed class TcpPair(Socket client, Socket upstream) : IDisposable
{
    // Most connections are quiet most of the time; one that fills its buffer gets a large one.
    private const int Small = 4 << 10;
    private const int Large = 64 << 10;

    private int _aborted;

    /// <summary>Completes when both directions have ended.</summary>
    public async Task CopyAsync()
    {
        var there = CopyAsync(client, upstream);
        await CopyAsync(upstream, client).ConfigureAwait(false);
        await there.ConfigureAwait(false);
    }

    /// <summary>Resets both sides.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, 1) == 0)
        {
            SocketEnd.Reset(client);
            SocketEnd.Reset(upstream);
        }
    }

    public void Dispose()
    {
        client.Dispose();
        upstream.Dispose();
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Small);
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false)) > 0)
            {
                await SendAsync(to, buffer.AsMemory(0, count)).ConfigureAwait(false);
                buffer = Fit(buffer, count);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Abort();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await to.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
        }
    }

    private static byte[] Fit(byte[] buffer, int count)
    {
        var wanted = count == buffer.Length ? Large : count < Small ? Small : buffer.Length;
        if (wanted == buffer.Length)
        {
            return buffer;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return ArrayPool<byte>.Shared.Rent(wanted);
    }
}
