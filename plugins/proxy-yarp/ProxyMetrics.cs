using System.Diagnostics.Metrics;
using Modular.Plugins.ProxyYarp.Routing;

namespace Modular.Plugins.ProxyYarp;

/// <summary>What the proxy measures, and the count that bounds its connections. Thread-safe.</summary>
internal sealed class ProxyMetrics
{
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _connectFailures;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _datagramsLost;
    private readonly Histogram<double> _applied;
    private long _open;
    private long _sessions;
    private long _listeners;

    public ProxyMetrics(Meter meter)
    {
        _accepted = meter.CreateCounter<long>("modular_proxy_connections", description: "Connections accepted, by protocol.");
        _refused = meter.CreateCounter<long>("modular_proxy_connections_reset", description: "Connections reset at once, by reason.");
        _connectFailures = meter.CreateCounter<long>("modular_proxy_connect_failures", description: "Attempts to reach an endpoint that failed.");
        _requests = meter.CreateCounter<long>("modular_proxy_http_requests", description: "HTTP requests by outcome.");
        _datagramsLost = meter.CreateCounter<long>("modular_proxy_datagrams_dropped", description: "Datagrams that went nowhere.");
        _applied = meter.CreateHistogram<double>("modular_proxy_apply_duration", "s", "Time to take in a change of services.");
        meter.CreateObservableGauge("modular_proxy_open_connections", () => Interlocked.Read(ref _open), description: "Connections open now.");
        meter.CreateObservableGauge("modular_proxy_udp_sessions", () => Interlocked.Read(ref _sessions), description: "UDP sessions open now.");
        meter.CreateObservableGauge("modular_proxy_listeners", () => Interlocked.Read(ref _listeners), description: "Addresses and ports served now.");
    }

    /// <summary>Connections open now.</summary>
    public long OpenConnections => Interlocked.Read(ref _open);

    /// <summary>UDP sessions open now.</summary>
    public long UdpSessions => Interlocked.Read(ref _sessions);

    public bool TryOpen(int most)
    {
        if (Interlocked.Increment(ref _open) <= most)
        {
            return true;
        }

        Interlocked.Decrement(ref _open);
        return false;
    }

    public void Closed() => Interlocked.Decrement(ref _open);

    public void Accepted(RouteProtocol protocol) => _accepted.Add(1, new KeyValuePair<string, object?>("protocol", protocol switch
    {
        RouteProtocol.Http => "http",
        RouteProtocol.Http2 => "h2c",
        RouteProtocol.Udp => "udp",
        _ => "tcp",
    }));

    public void Reset(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void ConnectFailed() => _connectFailures.Add(1);

    public void Request(string outcome) => _requests.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void DatagramDropped() => _datagramsLost.Add(1);

    public void SessionOpened() => Interlocked.Increment(ref _sessions);

    public void SessionClosed() => Interlocked.Decrement(ref _sessions);

    public void Listeners(int change) => Interlocked.Add(ref _listeners, change);

    public void Applied(TimeSpan duration) => _applied.Record(duration.TotalSeconds);
}
