using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>
/// What every service proxy has to do. An author derives a class, says how a proxy is made, and has these tests. They give services
/// addresses of 127.0.0.0/8, which every machine has. Sockets that the proxy gives back have to be closed at once.
/// </summary>
public abstract class ServiceProxyTests : IAsyncLifetime
{
    private const string Ending = "127.0.0.2";
    private const int Port = 8080;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private IServiceProxy? _proxy;
    private long _revision;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes the proxy; called once for each test.</summary>
    protected abstract ValueTask<IServiceProxy> StartAsync();

    // A virtual address of the test's own.
    private IPAddress Address { get; } = NewAddress();

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _proxy = await StartAsync();

    /// <summary>Ends what was made.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Connections go to endpoints that are ready, and to none else.</summary>
    [Fact]
    public async Task ConnectionsGoToReadyEndpoints()
    {
        await using var one = new NamedServer('a');
        await using var other = new NamedServer('b');
        await using var unready = new NamedServer('c');
        EndpointRecord[] endpoints = [End(one.Connections), End(unready.Connections) with { Ready = false }, End(other.Connections)];
        Assert.Empty((await ApplyAsync(Service() with { Ports = [TcpPort(endpoints)] })).Problems);
        Assert.Subset(new HashSet<string> { "a", "b" }, await NamesAsync(12));
    }

    /// <summary>Datagrams are carried there and back.</summary>
    [Fact]
    public async Task DatagramsAreCarriedToo()
    {
        await using var server = new NamedServer('a');
        Assert.Empty((await ApplyAsync(Service() with { Ports = [new ServicePortRecord { Protocol = "UDP", Port = Port, Endpoints = [End(server.Datagrams)] }] })).Problems);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(new IPEndPoint(Address, Port), Token);
        await client.SendAsync("x"u8.ToArray(), SocketFlags.None, Token);
        Assert.Equal("a", await NamedServer.NameAsync(client, Token).WaitAsync(Patience, Token));
    }

    /// <summary>A delta on another base is answered with the revision that is served, and changes nothing.</summary>
    [Fact]
    public async Task ADeltaOfAnotherBaseIsRefused()
    {
        await using var server = new NamedServer('a');
        var service = Service(server.Connections);
        await ApplyAsync(service);
        var refused = await _proxy!.ApplyAsync(new ServiceDelta { Base = 7, Revision = 8, Removed = [service.Uid] }, Token);
        Assert.Equal(1, refused.Revision);
        Assert.Equal(["a"], await NamesAsync(2));
        Assert.Equal(2, (await ApplyAsync()).Revision);
    }

    /// <summary>The whole state replaces what was known.</summary>
    [Fact]
    public async Task TheWholeStateReplacesWhatWasKnown()
    {
        await using var server = new NamedServer('a');
        await ApplyAsync(Service(server.Connections));
        var other = NewAddress();
        var report = await _proxy!.ApplyAsync(
            new ServiceDelta { Base = 0, Revision = 9, Services = [Service(server.Connections) with { Uid = "other", ClusterAddresses = [other.ToString()] }] }, Token);
        Assert.Equal(9, report.Revision);
        using (var client = await ConnectAsync(other))
        {
            Assert.Equal("a", await NamedServer.NameAsync(client, Token));
        }

        await AssertEndedAsync();
    }

    /// <summary>A service that is gone takes nothing new; one that was never there can be removed.</summary>
    [Fact]
    public async Task ARemovedServiceTakesNothingNew()
    {
        await using var server = new NamedServer('a');
        var service = Service(server.Connections);
        await ApplyAsync(service);
        Assert.Equal(["a"], await NamesAsync(1));
        var report = await _proxy!.ApplyAsync(new ServiceDelta { Base = 1, Revision = 2, Removed = [service.Uid, "never"] }, Token);
        Assert.Equal(2, report.Revision);
        await AssertEndedAsync();
    }

    /// <summary>Said again, what is known changes nothing, and connections to what stays go on through all changes.</summary>
    [Fact]
    public async Task ConnectionsToEndpointsThatStayAreNotTouched()
    {
        await using var server = new NamedServer('a');
        await using var other = new NamedServer('b');
        await ApplyAsync(Service(server.Connections));
        using var client = await ConnectAsync(Address);
        Assert.Equal("a", await NamedServer.NameAsync(client, Token));
        await ApplyAsync(Service(server.Connections));
        await ApplyAsync(Service(server.Connections, other.Connections));
        await ApplyAsync();
        await client.SendAsync("x"u8.ToArray(), SocketFlags.None, Token);
        Assert.Equal("x", await NamedServer.NameAsync(client, Token).WaitAsync(Patience, Token));
    }

    /// <summary>An endpoint that ends is given nothing new, and it is told whether anything is still on its way there.</summary>
    [Fact]
    public async Task ADrainedEndpointTakesNothingNew()
    {
        await using var ending = new NamedServer('a', Ending);
        await using var other = new NamedServer('b');
        await ApplyAsync(Service(ending.Connections));
        using (var client = await ConnectAsync(Address))
        {
            Assert.Equal("a", await NamedServer.NameAsync(client, Token));
            await ApplyAsync(Service(ending.Connections, other.Connections));
            Assert.True(await _proxy!.DrainAsync(Ending, Token));
            Assert.Equal(["b"], await NamesAsync(6));
        }

        using var patience = new CancellationTokenSource(Patience);
        while (await _proxy!.DrainAsync(Ending, Token))
        {
            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>Where nobody else answers, the endpoint that ends does; an address that nobody has needs no drain.</summary>
    [Fact]
    public async Task WhereNobodyElseAnswersADrainedEndpointDoes()
    {
        await using var ending = new NamedServer('a', Ending);
        await ApplyAsync(Service(ending.Connections));
        Assert.False(await _proxy!.DrainAsync(Ending, Token));
        Assert.False(await _proxy.DrainAsync("192.0.2.77", Token));
        Assert.Equal(["a"], await NamesAsync(2));
    }

    /// <summary>What cannot be served is said of the service and port it is about, each time, and everything else is served.</summary>
    [Fact]
    public async Task WhatCannotBeServedIsSaidAndTheRestServed()
    {
        await using var server = new NamedServer('a');
        var service = Service(server.Connections);
        service = service with { Ports = [.. service.Ports, new ServicePortRecord { Name = "odd", Protocol = "SCTP", Port = 9 }] };
        var elsewhere = Service(server.Connections) with { Uid = "elsewhere", ClusterAddresses = ["192.0.2.1"] };
        foreach (var report in new[] { await ApplyAsync(service, elsewhere), await ApplyAsync() })
        {
            Assert.Contains(report.Problems, problem => (problem.ServiceUid, problem.Port, problem.Reason) == (service.Uid, "9/SCTP", "ProtocolNotSupported"));
            Assert.Contains(report.Problems, problem => (problem.ServiceUid, problem.Reason) == ("elsewhere", "AddressNotAvailable"));
            Assert.All(report.Problems, problem => Assert.NotEqual("", problem.Message));
        }

        Assert.Equal(["a"], await NamesAsync(1));
    }

    /// <summary>A service that makes no sense is a problem and no exception: everything else is served before and after.</summary>
    [Theory]
    [InlineData("not an address", 8080)]
    [InlineData("", 8080)]
    [InlineData("127.131.0.1", 65536)]
    [InlineData("127.131.0.1", -1)]
    public async Task NonsenseHarmsNothingElse(string address, int port)
    {
        await using var server = new NamedServer('a');
        await ApplyAsync(Service(server.Connections));
        var nonsense = new ServiceRecord
        {
            Uid = "nonsense",
            Namespace = "default",
            Name = "nonsense",
            ClusterAddresses = [address],
            Ports = [new ServicePortRecord { Port = port, Endpoints = [new EndpointRecord(address, port), new EndpointRecord("not an address", -port)] }],
        };
        Assert.Contains((await ApplyAsync(nonsense)).Problems, problem => problem.ServiceUid == "nonsense");
        Assert.False(await _proxy!.DrainAsync(address, Token));
        Assert.Equal(["a"], await NamesAsync(1));
        Assert.Empty((await _proxy.ApplyAsync(new ServiceDelta { Base = 0, Revision = 20, Services = [Service(server.Connections)] }, Token)).Problems);
        Assert.Equal(["a"], await NamesAsync(1));
    }

    private static IPAddress NewAddress() => new([127, 129, (byte)Random.Shared.Next(256), (byte)Random.Shared.Next(1, 255)]);

    private static EndpointRecord End(IPEndPoint endpoint) => new(endpoint.Address.ToString(), endpoint.Port);

    private static ServicePortRecord TcpPort(IReadOnlyList<EndpointRecord> endpoints) => new() { Port = Port, Endpoints = endpoints };

    private ServiceRecord Service(params IPEndPoint[] endpoints) => new()
    {
        Uid = "web",
        Namespace = "default",
        Name = "web",
        ClusterAddresses = [Address.ToString()],
        Ports = [TcpPort([.. endpoints.Select(End)])],
    };

    private async Task<ServiceReport> ApplyAsync(params ServiceRecord[] services)
    {
        var report = await _proxy!.ApplyAsync(new ServiceDelta { Base = _revision, Revision = _revision + 1, Services = services }, Token);
        _revision = report.Revision;
        return report;
    }

    private static async Task<Socket> ConnectAsync(IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(address, Port), Token);
        return socket;
    }

    private async Task<HashSet<string>> NamesAsync(int connections)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < connections; i++)
        {
            using var client = await ConnectAsync(Address);
            names.Add(await NamedServer.NameAsync(client, Token).WaitAsync(Patience, Token));
        }

        return names;
    }

    // A connection is refused, or is closed without having led anywhere; the socket may take a moment to close.
    private async Task AssertEndedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                using var client = await ConnectAsync(Address);
                using var soon = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
                soon.CancelAfter(TimeSpan.FromMilliseconds(200));
                Assert.Equal("", await NamedServer.NameAsync(client, soon.Token));
                return;
            }
            catch (SocketException)
            {
                return;
            }
            catch (OperationCanceledException) when (!patience.IsCancellationRequested)
            {
                // It waits for somebody to accept it.
            }
        }
    }
}
