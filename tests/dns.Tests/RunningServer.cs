using System.Diagnostics.Metrics;
using System.Net;
using DnsClient;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Plugins.Dns.Answering;
using Modular.Plugins.Dns.Forwarding;
using Modular.Plugins.Dns.Records;
using NameServer = Modular.Plugins.Dns.Serving.NameServer;

namespace Modular.Plugins.Dns.Tests;

/// <summary>A name server on a free port of this machine, with everything but the plugin around it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public static readonly ClusterNetwork Network = new() { ServiceRange = "10.96.0.0/16", PodRange = "10.244.0.0/16", DnsAddress = "10.96.0.10" };

    private readonly Meter _meter = new("dns.Tests");
    private readonly TestListeners? _owned;
    private readonly Zone _zone = new(Network, 5);
    private readonly DnsMetrics _metrics;
    private readonly NameServer _server;
    private readonly Forwarder _forwarder;

    private RunningServer(TestListeners? shared, DnsOptions options, ServiceRecord[]? services, TestListeners? owned = null)
    {
        _metrics = new DnsMetrics(_meter);
        _owned = owned ?? (shared is null ? new TestListeners() : null);
        Listeners = shared ?? _owned!;
        Table = new RecordTable(_zone);
        if (services is not null)
        {
            Table.Apply(new ServiceDelta { Revision = 1, Services = services });
        }

        var upstream = new UpstreamServers(options.Forward, "/nonexistent", []);
        _forwarder = new Forwarder(upstream, options, TimeProvider.System, _metrics);
        _server = new NameServer(
            Listeners, Listeners.Endpoint, Table, _zone, _forwarder, options, _metrics, TimeProvider.System, NullLogger.Instance);
    }

    public TestListeners Listeners { get; }

    public IPEndPoint Endpoint => Listeners.Endpoint;

    public RecordTable Table { get; }

    public Forwarder Forwarder => _forwarder;

    /// <summary>Serves the services, as the whole state.</summary>
    public static RunningServer With(params ServiceRecord[] services) => Start([], services);

    public static RunningServer Start(IReadOnlyList<IPEndPoint> forward, ServiceRecord[] services, TestListeners? listeners = null)
    {
        var options = new DnsOptions { Forward = forward, ForwardTimeout = TimeSpan.FromSeconds(20), Threads = 2 };
        return new RunningServer(listeners, options, services);
    }

    /// <summary>Serves what it does not know to itself: a loop.</summary>
    public static RunningServer ThatAsksItself(TimeSpan timeout)
    {
        var listeners = new TestListeners();
        var options = new DnsOptions { Forward = [listeners.Endpoint], ForwardTimeout = timeout, Threads = 1 };
        return new RunningServer(null, options, [], listeners);
    }

    /// <summary>Has not heard of any service yet.</summary>
    public static RunningServer WithoutState() => new(null, new DnsOptions { Threads = 1 }, null);

    /// <summary>What it does with messages, without the sockets.</summary>
    public QuestionHandler NewHandler() => new(Table, _zone, _forwarder, _metrics);

    /// <summary>Somebody else's client.</summary>
    public LookupClient Client(bool tcpOnly = false, int ednsSize = 1232) => new(new LookupClientOptions(Endpoint)
    {
        UseCache = false,
        Retries = 0,
        Timeout = TimeSpan.FromSeconds(30),
        UseTcpOnly = tcpOnly,
        UseTcpFallback = true,
        ExtendedDnsBufferSize = ednsSize,
        ContinueOnDnsError = false,
        ThrowDnsErrors = false,
    });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _forwarder.DisposeAsync();
        _owned?.Dispose();
        _meter.Dispose();
    }
}
