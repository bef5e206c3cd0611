using System.Net;
using Modular.Abstractions;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>
/// Where connections to one port of a service go. It lives as long as the port does; its endpoints are exchanged as a whole. Thread-safe.
/// </summary>
internal sealed class PortRoute(Drains drains, TimeProvider time)
{
    private volatile Backend[] _ready = [];
    private volatile ClientAffinity? _affinity;
    private volatile RouteProtocol _protocol;
    private int _turn = Random.Shared.Next();

    /// <summary>What is spoken at the port.</summary>
    public RouteProtocol Protocol => _protocol;

    /// <summary>The endpoints that take new connections; another array after each change.</summary>
    public Backend[] Ready => _ready;

    /// <summary>Takes in what is known of the port now.</summary>
    public void Update(ServicePortRecord port, TimeSpan affinity)
    {
        _protocol = RouteProtocols.Of(port);
        if (_affinity?.Timeout != affinity && (affinity > TimeSpan.Zero || _affinity is not null))
        {
            _affinity = affinity > TimeSpan.Zero ? new ClientAffinity(affinity, time) : null;
        }

        var old = _ready;
        var ready = new List<Backend>(port.Endpoints.Count);
        foreach (var endpoint in port.Endpoints)
        {
            if (endpoint.Ready && endpoint.Port is > 0 and <= IPEndPoint.MaxPort && IPAddress.TryParse(endpoint.Address, out var address))
            {
                ready.Add(new Backend(new IPEndPoint(address, endpoint.Port)));
            }
        }

        if (!ready.SequenceEqual(old))
        {
            _ready = [.. ready];
        }
    }

    /// <summary>The port is gone: nothing takes new connections.</summary>
    public void Close() => _ready = [];

    /// <summary>Starts the choice of an endpoint for one client.</summary>
    public BackendChoice Choose(IPAddress client)
    {
        var ready = _ready;
        if (ready.Length == 0)
        {
            return default;
        }

        var first = (int)((uint)Interlocked.Increment(ref _turn) % (uint)ready.Length);
        if (_affinity is { } affinity)
        {
            first = affinity.Place(client, ready, first);
        }

        return new BackendChoice(ready, first, drains, _affinity, client);
    }
}
