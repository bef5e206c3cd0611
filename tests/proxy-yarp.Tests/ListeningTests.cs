using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;

namespace Modular.Plugins.ProxyYarp.Tests;

public sealed class ListeningTests
{
    [Fact]
    public async Task AChangeOfEndpointsLeavesTheListenersAlone()
    {
        var counted = new CountedListeners();
        await using var test = await ProxyUnderTest.StartAsync(wrap: counted.Around);
        await using var server = new EchoServer("a");
        await test.ApplyAsync(Service(test.Address, 8080, server.EndPoint));

        await test.ApplyAsync(Service(test.Address, 8080));
        await test.ApplyAsync(Service(test.Address, 8080, server.EndPoint) with { ClientAffinity = TimeSpan.FromSeconds(1) });
        await test.ApplyAsync();

        Assert.Equal((1, 0), (counted.Acquired, counted.GivenBack));
    }

    [Fact]
    public async Task APortThatIsGoneIsGivenBackAndANewOneAnswers()
    {
        var counted = new CountedListeners();
        await using var test = await ProxyUnderTest.StartAsync(wrap: counted.Around);
        await using var server = new EchoServer("a");
        await test.ApplyAsync(Service(test.Address, 8080, server.EndPoint));

        var moved = Service(test.Address, 8081, server.EndPoint);
        await test.ApplyAsync(moved);

        Assert.Equal((2, 1), (counted.Acquired, counted.GivenBack));
        using var client = await test.ConnectAsync(8081);
        Assert.Equal("a", await EchoServer.ReadAsync(client, 1));
        await test.RemoveAsync(moved);
        Assert.Equal(2, counted.GivenBack);
    }

    [Fact]
    public async Task NodePortsAnswerAtTheNodesAddresses()
    {
        var node = ProxyUnderTest.NewAddress();
        await using var test = await ProxyUnderTest.StartAsync(new ProxyOptions { NodePortAddresses = [node] });
        await using var server = new EchoServer("a");
        var service = Service(test.Address, 8080, server.EndPoint);
        await test.ApplyAsync(service with { Ports = [service.Ports[0] with { NodePort = 30080 }] });

        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(new IPEndPoint(node, 30080), TestContext.Current.CancellationToken);

        Assert.Equal("a", await EchoServer.ReadAsync(client, 1));
    }

    [Fact]
    public async Task ByDefaultNodePortsAnswerAtAllAddressesOfTheMachine()
    {
        await using var test = await ProxyUnderTest.StartAsync(new ProxyOptions());
        await using var server = new EchoServer("a");
        var service = Service(test.Address, 8080, server.EndPoint);
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Any, 0));
        var port = ((IPEndPoint)free.LocalEndPoint!).Port;
        free.Dispose();
        Assert.Empty((await test.ApplyAsync(service with { Ports = [service.Ports[0] with { NodePort = port }] })).Problems);

        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), TestContext.Current.CancellationToken);

        Assert.Equal("a", await EchoServer.ReadAsync(client, 1));
    }

    [Theory]
    [InlineData(SocketError.AccessDenied, "PortNotPermitted", "port 80 takes root; use a port from 1024 on, or run the cluster as root")]
    [InlineData(SocketError.AddressAlreadyInUse, "PortInUse", "another process listens on 192.0.2.1:80")]
    [InlineData(SocketError.AddressNotAvailable, "AddressNotAvailable", "192.0.2.1 is not an address of this machine")]
    public async Task WhatCannotBeOpenedIsSaidAndTriedAgain(SocketError error, string reason, string message)
    {
        var refusing = new RefusingListeners(error);
        await using var test = await ProxyUnderTest.StartAsync(wrap: refusing.Around);
        var service = Service(IPAddress.Parse("192.0.2.1"), 80);

        var problem = Assert.Single((await test.ApplyAsync(service)).Problems);
        Assert.Equal((service.Uid, "80/TCP", reason, message), (problem.ServiceUid, problem.Port, problem.Reason, problem.Message));
        Assert.Single((await test.ApplyAsync()).Problems);

        refusing.Refuses = false;
        Assert.Empty((await test.ApplyAsync()).Problems);
    }

    [Fact]
    public async Task TwoServicesAtOneAddressDoNotMixAndTheSecondTakesOver()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = new EchoServer("a");
        await using var other = new EchoServer("b");
        var first = Service(test.Address, 8080, server.EndPoint);
        await test.ApplyAsync(first);

        var second = Service(test.Address, 8080, other.EndPoint) with { Uid = "second", Name = "second" };
        var problem = Assert.Single((await test.ApplyAsync(second)).Problems);
        Assert.Equal(("second", "PortInUse", $"{test.Address}:8080 belongs to service default/web"), (problem.ServiceUid, problem.Reason, problem.Message));

        await test.RemoveAsync(first);
        using var client = await test.ConnectAsync(8080);
        Assert.Equal("b", await EchoServer.ReadAsync(client, 1));
    }

    [Fact]
    public async Task UnknownProtocolsAreSaidAndServicesOfOthersLeftAlone()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        var sctp = ProxyUnderTest.Service(test.Address, ProxyUnderTest.Port(8080, "SCTP", ""));
        Assert.Equal("ProtocolNotSupported", Assert.Single((await test.ApplyAsync(sctp)).Problems).Reason);

        Assert.Empty((await test.ApplyAsync(sctp with { ProxyName = "mine" })).Problems);
    }

    [Fact]
    public async Task TheWholeStateReplacesWhatWasKnown()
    {
        var counted = new CountedListeners();
        await using var test = await ProxyUnderTest.StartAsync(wrap: counted.Around);
        await test.ApplyAsync(Service(test.Address, 8080));
        var other = Service(ProxyUnderTest.NewAddress(), 8080);

        await test.Proxy.ApplyAsync(new ServiceDelta { Base = 0, Revision = 9, Services = [other] }, TestContext.Current.CancellationToken);

        Assert.Equal((2, 1), (counted.Acquired, counted.GivenBack));
    }

    private static ServiceRecord Service(IPAddress address, int port, params IPEndPoint[] endpoints) =>
        ProxyUnderTest.Service(address, ProxyUnderTest.Port(port, "TCP", "", endpoints));

    private sealed class CountedListeners : IListeners
    {
        private IListeners? _inner;

        public int Acquired { get; private set; }

        public int GivenBack { get; private set; }

        public CountedListeners Around(IListeners inner)
        {
            _inner = inner;
            return this;
        }

        public ListenerLease Acquire(IPEndPoint endpoint, ProtocolType protocol)
        {
            var lease = _inner!.Acquire(endpoint, protocol);
            Acquired++;
            return new ListenerLease(lease.Socket, () =>
            {
                GivenBack++;
                lease.Dispose();
            });
        }
    }

    private sealed class RefusingListeners(SocketError error) : IListeners
    {
        private IListeners? _inner;

        public bool Refuses { get; set; } = true;

        public RefusingListeners Around(IListeners inner)
        {
            _inner = inner;
            return this;
        }

        public ListenerLease Acquire(IPEndPoint endpoint, ProtocolType protocol) =>
            Refuses ? throw new SocketException((int)error) : _inner!.Acquire(new IPEndPoint(IPAddress.Loopback, 0), protocol);
    }
}
