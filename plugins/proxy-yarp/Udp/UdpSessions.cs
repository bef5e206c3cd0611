using System.Net;
using System.Net.Sockets;
using Modular.Plugins.ProxyYarp.Routing;

namespace Modular.Plugins.ProxyYarp.Udp;

/// <summary>All UDP sessions, bounded: the longest idle makes room for a new one. Thread-safe.</summary>
internal sealed class UdpSessions : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(UdpFrontend Frontend, SocketAddress Client), LinkedListNode<UdpSession>> _sessions = [];
    private readonly LinkedList<UdpSession> _byLastUse = [];
    private readonly int _most;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _time;
    private readonly ProxyMetrics _metrics;
    private readonly ITimer _sweep;

    public UdpSessions(int most, TimeSpan idle, TimeProvider time, ProxyMetrics metrics)
    {
        _most = most;
        _idle = idle;
        _time = time;
        _metrics = metrics;
        _sweep = time.CreateTimer(static sessions => ((UdpSessions)sessions!).EndIdle(), this, idle / 2, idle / 2);
    }

    /// <summary>The client's session; a new one if it has none or if its endpoint is gone. Null if nobody can take it.</summary>
    public UdpSession? Find(UdpFrontend frontend, SocketAddress client, PortRoute route)
    {
        lock (_lock)
        {
            if (_sessions.TryGetValue((frontend, client), out var node))
            {
                var session = node.Value;
                var ready = route.Ready;
                if (ReferenceEquals(session.SeenIn, ready) || Array.IndexOf(ready, session.Backend) >= 0)
                {
                    session.SeenIn = ready;
                    Touch(node);
                    return session;
                }

                Remove(node);
            }

            return Open(frontend, client, route);
        }
    }

    /// <summary>A datagram went through.</summary>
    public void Touch(UdpSession session)
    {
        lock (_lock)
        {
            if (_sessions.TryGetValue((session.Frontend, session.Client), out var node) && node.Value == session)
            {
                Touch(node);
            }
        }
    }

    /// <summary>Ends a session; no harm if it is over.</summary>
    public void End(UdpSession session)
    {
        lock (_lock)
        {
            if (_sessions.TryGetValue((session.Frontend, session.Client), out var node) && node.Value == session)
            {
                Remove(node);
            }
        }
    }

    public void Dispose()
    {
        _sweep.Dispose();
        lock (_lock)
        {
            while (_byLastUse.First is { } node)
            {
                Remove(node);
            }
        }
    }

    private UdpSession? Open(UdpFrontend frontend, SocketAddress client, PortRoute route)
    {
        var ready = route.Ready;
        var address = frontend.EndPoint.Create(client) is IPEndPoint endpoint ? endpoint.Address : IPAddress.None;
        if (route.Choose(address).Next() is not { } backend)
        {
            return null;
        }

        if (_sessions.Count >= _most)
        {
            Remove(_byLastUse.First!);
        }

        Socket upstream;
        try
        {
            upstream = new Socket(backend.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        }
        catch (SocketException)
        {
            return null;
        }

        try
        {
            upstream.Connect(backend.EndPoint);
        }
        catch (SocketException)
        {
            upstream.Dispose();
            return null;
        }

        var copy = new SocketAddress(client.Family, client.Size);
        client.Buffer.Span[..client.Size].CopyTo(copy.Buffer.Span);
        var session = new UdpSession(frontend, copy, backend, upstream) { SeenIn = ready, LastUse = _time.GetTimestamp() };
        _sessions[(frontend, copy)] = _byLastUse.AddLast(session);
        _metrics.SessionOpened();
        _ = session.AnswerAsync(this);
        return session;
    }

    private void Touch(LinkedListNode<UdpSession> node)
    {
        node.Value.LastUse = _time.GetTimestamp();
        _byLastUse.Remove(node);
        _byLastUse.AddLast(node);
    }

    private void EndIdle()
    {
        lock (_lock)
        {
            while (_byLastUse.First is { } oldest && _time.GetElapsedTime(oldest.Value.LastUse) >= _idle)
            {
                Remove(oldest);
            }
        }
    }

    private void Remove(LinkedListNode<UdpSession> node)
    {
        _byLastUse.Remove(node);
        _sessions.Remove((node.Value.Frontend, node.Value.Client));
        node.Value.Upstream.Dispose();
        _metrics.SessionClosed();
    }
}
