using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;
using Modular.Plugins.ProxyYarp.Routing;

namespace Modular.Plugins.ProxyYarp.Udp;

/// <summary>Takes datagrams at one address and port and gives each client a session with an endpoint.</summary>
internal sealed class UdpFrontend : IFrontend
{
    private const int LargestDatagram = 65_536;

    private readonly ListenerLease _lease;
    private readonly PortRoute _route;
    private readonly UdpSessions _sessions;
    private readonly ProxyMetrics _metrics;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public UdpFrontend(ListenerLease lease, PortRoute route, UdpSessions sessions, ProxyMetrics metrics)
    {
        _lease = lease;
        _route = route;
        _sessions = sessions;
        _metrics = metrics;
        EndPoint = (IPEndPoint)lease.Socket.LocalEndPoint!;
        // Answers are sent without waiting: SendToAsync with a SocketAddress must not be called by two threads at once.
        lease.Socket.Blocking = false;
        _loop = Task.Run(() => ReceiveAsync(_stop.Token));
    }

    /// <summary>Where clients find it.</summary>
    public IPEndPoint EndPoint { get; }

    private Socket Socket => _lease.Socket;

    /// <summary>Sends a datagram from the address that clients know. Thread-safe.</summary>
    public void Answer(SocketAddress client, ReadOnlySpan<byte> datagram)
    {
        try
        {
            Socket.SendTo(datagram, SocketFlags.None, client);
        }
        catch (SocketException)
        {
            // There is no room, or no way to the client: datagrams may be lost, and the next one is tried again.
            _metrics.DatagramDropped();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _lease.Dispose();
        _stop.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken stop)
    {
        var from = new SocketAddress(Socket.AddressFamily);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // No buffer is held while nothing comes.
                await Socket.ReceiveFromAsync(Memory<byte>.Empty, SocketFlags.Peek, from, stop).ConfigureAwait(false);
                await ReceiveBurstAsync(from, stop).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // An earlier answer could not be delivered; that is the client's loss.
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async ValueTask ReceiveBurstAsync(SocketAddress from, CancellationToken stop)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LargestDatagram);
        try
        {
            do
            {
                var count = await Socket.ReceiveFromAsync(buffer, SocketFlags.None, from, stop).ConfigureAwait(false);
                await ForwardAsync(from, buffer.AsMemory(0, count)).ConfigureAwait(false);
            }
            while (Socket.Available > 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask ForwardAsync(SocketAddress from, ReadOnlyMemory<byte> datagram)
    {
        if (_sessions.Find(this, from, _route) is not { } session)
        {
            _metrics.DatagramDropped();
            return;
        }

        try
        {
            await session.Upstream.SendAsync(datagram, SocketFlags.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The endpoint refused an earlier one, or the session just ended: the next datagram chooses again.
            _metrics.DatagramDropped();
            _sessions.End(session);
        }
    }
}
