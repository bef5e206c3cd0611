using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Abstractions;
using Modular.Kernel.Plugins;

namespace Modular.Plugins.ProxyYarp.Tests;

/// <summary>A proxy on the host's true listeners, told of services as the driver would.</summary>
internal sealed class ProxyUnderTest : IAsyncDisposable
{
    private static int _addresses = Environment.ProcessId;

    private readonly Meter _meter = new("test");
    private readonly HostListeners _host = new(TimeProvider.System, TimeSpan.FromMinutes(1), IPNetwork.Parse("198.51.100.0/24"));
    private readonly List<ServiceProxy> _proxies = [];
    private readonly string _use = Directory.CreateTempSubdirectory("modular-proxy-").FullName;
    private long _revision;

    private ProxyUnderTest(ProxyOptions options, TimeProvider time, Func<IListeners, IListeners> wrap)
    {
        Options = options;
        Time = time;
        Listeners = wrap(_host);
        Metrics = new ProxyMetrics(_meter);
    }

    /// <summary>The one that accepts.</summary>
    public ServiceProxy Proxy => _proxies[^1];

    public ProxyMetrics Metrics { get; private set; }

    public IListeners Listeners { get; }

    /// <summary>A virtual address of this test's own.</summary>
    public IPAddress Address { get; } = NewAddress();

    private ProxyOptions Options { get; }

    private TimeProvider Time { get; }

    public static async Task<ProxyUnderTest> StartAsync(
        ProxyOptions? options = null, TimeProvider? time = null, Func<IListeners, IListeners>? wrap = null)
    {
        var test = new ProxyUnderTest(
            options ?? new ProxyOptions { NodePortAddresses = [IPAddress.Loopback] }, time ?? TimeProvider.System, wrap ?? (listeners => listeners));
        await test.AddProxyAsync();
        return test;
    }

    public static IPAddress NewAddress()
    {
        var number = Interlocked.Increment(ref _addresses);
        return new IPAddress([127, 128, (byte)(number >> 8), (byte)number]);
    }

    public static ServiceRecord Service(IPAddress address, params ServicePortRecord[] ports) => new()
    {
        Uid = $"uid-{address}",
        Namespace = "default",
        Name = "web",
        ClusterAddresses = [address.ToString()],
        Ports = ports,
    };

    public static ServicePortRecord Port(int port, string protocol, string appProtocol, params IPEndPoint[] endpoints) => new()
    {
        Port = port,
        Protocol = protocol,
        AppProtocol = appProtocol,
        Endpoints = [.. endpoints.Select(endpoint => new EndpointRecord(endpoint.Address.ToString(), endpoint.Port))],
    };

    /// <summary>Tells the proxy of services, as a change of what it knows.</summary>
    public async Task<ServiceReport> ApplyAsync(params ServiceRecord[] services)
    {
        var delta = new ServiceDelta { Base = _revision, Revision = _revision + 1, Services = services };
        var report = await Proxy.ApplyAsync(delta, TestContext.Current.CancellationToken);
        _revision = report.Revision;
        return report;
    }

    /// <summary>Tells the proxy that services are gone.</summary>
    public async Task RemoveAsync(ServiceRecord service) => _revision = (await Proxy.ApplyAsync(
        new ServiceDelta { Base = _revision, Revision = _revision + 1, Removed = [service.Uid] }, TestContext.Current.CancellationToken)).Revision;

    /// <summary>What a swap of the plugin does: a new one is started, told of everything, and the old one hands over.</summary>
    public async Task SwapAsync(params ServiceRecord[] services)
    {
        var old = Proxy;
        await AddProxyAsync();
        await ApplyAsync(services);
        await old.HandOverAsync();
    }

    /// <summary>Connects to a port of the test's service.</summary>
    public async Task<Socket> ConnectAsync(int port, IPAddress? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(new IPEndPoint(Address, port), TestContext.Current.CancellationToken);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }

        _host.Dispose();
        _meter.Dispose();
        Directory.Delete(_use, recursive: true);
    }

    private async Task AddProxyAsync()
    {
        Metrics = new ProxyMetrics(_meter);
        _revision = 0;
        _proxies.Add(new ServiceProxy(Listeners, Options, _use, Time, Metrics, NullLoggerFactory.Instance));
        await Proxy.StartAsync(TestContext.Current.CancellationToken);
    }
}
