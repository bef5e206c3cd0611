using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;
using Modular.Plugins.ProxyYarp.Http;
using Modular.Plugins.ProxyYarp.Routing;

namespace Modular.Plugins.ProxyYarp.Tcp;

/// <summary>Accepts at one address and port, until it is disposed. Accepted connections outlive it.</summary>
internal sealed class TcpListenerLoop : IFrontend
{
    private readonly ListenerLease _lease;
    private readonly PortRoute _route;
    private readonly TcpCarrier _tcp;
    private readonly HttpCarrier _http;
    private readonly ProxyMetrics _metrics;
    private readonly int _mostConnections;
    private readonly IPEndPoint _address;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public TcpListenerLoop(ListenerLease lease, PortRoute route, TcpCarrier tcp, HttpCarrier http, ProxyMetrics metrics, int mostConnections)
    {
        _lease = lease;
        _route = route;
        _tcp = tcp;
        _http = http;
        _metrics = metrics;
        _mostConnections = mostConnections;
        ConnectionOptions.Set(lease.Socket);
        _address = (IPEndPoint)lease.Socket.LocalEndPoint!;
        _loop = Task.Run(() => AcceptAsync(_stop.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _lease.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _lease.Socket.AcceptAsync(stop).ConfigureAwait(false);
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                // Clients wait in the backlog until others are done.
                _metrics.Reset("TooManyOpenFiles");
                await Task.Delay(20, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            catch (SocketException)
            {
                // The client went before it was accepted.
                continue;
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }

            Take(client);
        }
    }

    private void Take(Socket client)
    {
        var protocol = _route.Protocol;
        if (_route.Ready.Length == 0)
        {
            _metrics.Reset("NoEndpoints");
            SocketEnd.Reset(client);
        }
        else if (!_metrics.TryOpen(_mostConnections))
        {
            _metrics.Reset("TooManyConnections");
            SocketEnd.Reset(client);
        }
        else
        {
            _metrics.Accepted(protocol);
            if (protocol is RouteProtocol.Http or RouteProtocol.Http2)
            {
                _http.Take(client, new HttpFrontend(_route, new Backend(_address), protocol));
            }
            else
            {
                _tcp.Take(client, _route);
            }
        }
    }
}
