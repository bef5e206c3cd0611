using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Modular.Plugins.ProxyYarp.Routing;

namespace Modular.Plugins.ProxyYarp.Udp;

/// <summary>One client's conversation with one endpoint; answers go back from the address that the client called.</summary>
internal sealed class UdpSession(UdpFrontend frontend, SocketAddress client, Backend backend, Socket upstream)
{
    private const int LargestDatagram = 65_536;

    public UdpFrontend Frontend => frontend;

    public SocketAddress Client => client;

    public Backend Backend => backend;

    public Socket Upstream => upstream;

    /// <summary>The endpoints among which this one was last seen.</summary>
    public Backend[] SeenIn { get; set; } = [];

    /// <summary>When a datagram last went either way.</summary>
    public long LastUse { get; set; }

    /// <summary>Sends answers to the client until the session is ended.</summary>
    public async Task AnswerAsync(UdpSessions sessions)
    {
        try
        {
            while (true)
            {
                // No buffer is held while nothing comes.
                await upstream.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).ConfigureAwait(false);
                await AnswerBurstAsync(sessions).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The endpoint refuses, or the session was ended.
        }
        finally
        {
            sessions.End(this);
        }
    }

    private async ValueTask AnswerBurstAsync(UdpSessions sessions)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LargestDatagram);
        try
        {
            do
            {
                var count = await upstream.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false);
                frontend.Answer(client, buffer.AsSpan(0, count));
                sessions.Touch(this);
            }
            while (upstream.Available > 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
