using System.Net;
using System.Net.Sockets;

namespace Modular.Kernel.Plugins;

/// <summary>
/// The sockets that the host lends to plugins. A socket that nobody holds any more stays open for a while: between an old build of a plugin
/// and the next its clients wait instead of being refused.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="linger">How long a socket stays open without a holder.</param>
/// <param name="serviceRange">Addresses that can be listened at before the pod network has led them to this machine.</param>
public sealed class HostListeners(TimeProvider time, TimeSpan linger, IPNetwork serviceRange) : IListeners, IDisposable
{
    // Of <linux/in.h>.
    private const int LevelIp = 0;
    private const int FreeBind = 15;
    private const int Backlog = 512;
    private const int DatagramBuffer = 4 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<(IPEndPoint Endpoint, ProtocolType Protocol), LentSocket> _lent = [];
    private bool _disposed;

    /// <inheritdoc />
    public ListenerLease Acquire(IPEndPoint endpoint, ProtocolType protocol)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (endpoint.Port == 0 || !_lent.TryGetValue((endpoint, protocol), out var lent))
            {
                var socket = Open(endpoint, protocol);
                lent = new LentSocket(((IPEndPoint)socket.LocalEndPoint!, protocol), socket);
                _lent.Add(lent.Key, lent);
            }

            lent.Holders++;
            lent.Closing?.Dispose();
            lent.Closing = null;
            return new ListenerLease(lent.Socket, () => GiveBack(lent));
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var lent in _lent.Values)
            {
                lent.Closing?.Dispose();
                lent.Socket.Dispose();
            }

            _lent.Clear();
        }
    }

    private Socket Open(IPEndPoint endpoint, ProtocolType protocol)
    {
        var stream = protocol == ProtocolType.Tcp;
        var socket = new Socket(endpoint.AddressFamily, stream ? SocketType.Stream : SocketType.Dgram, protocol);
        try
        {
            if (!stream)
            {
                // As far as the machine allows: bursts wait here while readers are busy or exchanged.
                socket.ReceiveBufferSize = DatagramBuffer;
            }

            if (serviceRange.Contains(endpoint.Address))
            {
                socket.SetRawSocketOption(LevelIp, FreeBind, [1, 0, 0, 0]);
            }

            socket.Bind(endpoint);
            if (stream)
            {
                socket.Listen(Backlog);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void GiveBack(LentSocket lent)
    {
        lock (_lock)
        {
            if (--lent.Holders == 0 && !_disposed)
            {
                lent.Closing = time.CreateTimer(_ => CloseIfIdle(lent), null, linger, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void CloseIfIdle(LentSocket lent)
    {
        lock (_lock)
        {
            if (lent.Holders == 0 && _lent.Remove(lent.Key))
            {
                lent.Closing?.Dispose();
                lent.Socket.Dispose();
            }
        }
    }

    private sealed class LentSocket((IPEndPoint Endpoint, ProtocolType Protocol) key, Socket socket)
    {
        public (IPEndPoint Endpoint, ProtocolType Protocol) Key { get; } = key;

        public Socket Socket { get; } = socket;

        public int Holders { get; set; }

        public ITimer? Closing { get; set; }
    }
}
