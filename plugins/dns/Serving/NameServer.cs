using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Modular.Plugins.Dns.Answering;
using Modular.Plugins.Dns.Forwarding;
using Modular.Plugins.Dns.Records;

namespace Modular.Plugins.Dns.Serving;

/// <summary>Answers on one address, over UDP and TCP, on sockets that are the host's.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private readonly ListenerLease _datagrams;
    private readonly ListenerLease _connections;
    private readonly UdpServer _udp;
    private readonly TcpServer _tcp;

    /// <summary>Begins to answer.</summary>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public NameServer(
        IListeners listeners, IPEndPoint endpoint, RecordTable table, Zone zone, Forwarder forwarder, DnsOptions options, DnsMetrics metrics,
        TimeProvider time, ILogger log)
    {
        _datagrams = listeners.Acquire(endpoint, ProtocolType.Udp);
        try
        {
            _connections = listeners.Acquire(endpoint, ProtocolType.Tcp);
        }
        catch (SocketException)
        {
            _datagrams.Dispose();
            throw;
        }

        _udp = new UdpServer(_datagrams.Socket, options.Threads, NewHandler, metrics, log);
        _tcp = new TcpServer(_connections.Socket, options.Connections, NewHandler, metrics, time, log);

        QuestionHandler NewHandler() => new(table, zone, forwarder, metrics);
    }

    /// <summary>Answers what was read, and reads no more; what comes now is for the next server on the same sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        await _udp.DisposeAsync().ConfigureAwait(false);
        await _tcp.DisposeAsync().ConfigureAwait(false);
        _datagrams.Dispose();
        _connections.Dispose();
    }
}
