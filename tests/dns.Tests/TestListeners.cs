using System.Net;
using System.Net.Sockets;

namespace Modular.Plugins.Dns.Tests;

/// <summary>Lends one UDP and one TCP socket with the same free port, to as many as ask.</summary>
internal sealed class TestListeners : IListeners, IDisposable
{
    private readonly Socket _datagrams;
    private readonly Socket _connections;

    public TestListeners()
    {
        while (true)
        {
            _datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            _datagrams.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _connections = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                _connections.Bind(_datagrams.LocalEndPoint!);
                _connections.Listen();
                return;
            }
            catch (SocketException)
            {
                Dispose();
            }
        }
    }

    public IPEndPoint Endpoint => (IPEndPoint)_datagrams.LocalEndPoint!;

    /// <summary>How many leases are out.</summary>
    public int Lent { get; private set; }

    public ListenerLease Acquire(IPEndPoint endpoint, ProtocolType protocol)
    {
        Lent++;
        return new ListenerLease(protocol == ProtocolType.Udp ? _datagrams : _connections, () => Lent--);
    }

    public void Dispose()
    {
        _datagrams.Dispose();
        _connections?.Dispose();
    }
}
