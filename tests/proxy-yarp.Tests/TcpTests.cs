using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.Testing;

namespace Modular.Plugins.ProxyYarp.Tests;

public sealed class TcpTests
{
    [Fact]
    public async Task BytesGoBothWaysAndAnEndInOneDirectionLeavesTheOther()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = new EchoServer("a");
        await test.ApplyAsync(Service(test, server.EndPoint));

        using var client = await test.ConnectAsync(8080);
        Assert.Equal("a", await EchoServer.ReadAsync(client, 1));
        var text = new string('x', 200_000);
        var sent = Task.Run(() => EchoServer.AskAsync(client, text), TestContext.Current.CancellationToken);
        Assert.Equal(text, await sent);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("bye", await EchoServer.ReadAsync(client, 10));
        await Eventually.Holds(() => test.Metrics.OpenConnections == 0, "the connection is over");
    }

    [Fact]
    public async Task EndpointsTakeTurns()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var first = new EchoServer("a");
        await using var second = new EchoServer("b");
        await test.ApplyAsync(Service(test, first.EndPoint, second.EndPoint));

        var names = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            using var client = await test.ConnectAsync(8080);
            names.Add(await EchoServer.ReadAsync(client, 1));
        }

        Assert.Equal(5, names.Count(name => name == "a"));
        Assert.Equal(5, names.Count(name => name == "b"));
    }

    [Fact]
    public async Task ARemovedEndpointTakesNothingNewAndKeepsWhatItHas()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var first = new EchoServer("a");
        await using var second = new EchoServer("b");
        await test.ApplyAsync(Service(test, first.EndPoint));
        using var old = await test.ConnectAsync(8080);
        Assert.Equal("a", await EchoServer.ReadAsync(old, 1));

        await test.ApplyAsync(Service(test, second.EndPoint));

        Assert.Equal("still", await EchoServer.AskAsync(old, "still"));
        for (var i = 0; i < 5; i++)
        {
            using var client = await test.ConnectAsync(8080);
            Assert.Equal("b", await EchoServer.ReadAsync(client, 1));
        }
    }

    [Fact]
    public async Task AnEndpointThatRefusesIsPassedOver()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = new EchoServer("a");
        await test.ApplyAsync(Service(test, Unused(), server.EndPoint, Unused()));

        for (var i = 0; i < 6; i++)
        {
            using var client = await test.ConnectAsync(8080);
            Assert.Equal("a", await EchoServer.ReadAsync(client, 1));
        }
    }

    [Fact]
    public async Task WithoutEndpointsConnectionsAreReset()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await test.ApplyAsync(Service(test));
        await AssertResetAsync(test);

        await test.ApplyAsync(Service(test, Unused()));
        await AssertResetAsync(test);
        await Eventually.Holds(() => test.Metrics.OpenConnections == 0, "nothing is left");
    }

    [Fact]
    public async Task AServiceDoesNotLeadToItself()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = new EchoServer("a");
        var itself = new IPEndPoint(test.Address, 8080);

        var report = await test.ApplyAsync(Service(test, itself, server.EndPoint));

        Assert.Equal("EndpointNotServed", Assert.Single(report.Problems).Reason);
        for (var i = 0; i < 4; i++)
        {
            using var client = await test.ConnectAsync(8080);
            Assert.Equal("a", await EchoServer.ReadAsync(client, 1));
            Assert.Equal(1, test.Metrics.OpenConnections);
            client.Dispose();
            await Eventually.Holds(() => test.Metrics.OpenConnections == 0, "the connection is over");
        }

        await test.ApplyAsync(Service(test, itself));
        await AssertResetAsync(test);
    }

    [Fact]
    public async Task AnEndOfTheEndpointLeavesTheClientsDirection()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await test.ApplyAsync(Service(test, (IPEndPoint)listener.LocalEndPoint!));
        using var client = await test.ConnectAsync(8080);
        using var server = await listener.AcceptAsync(TestContext.Current.CancellationToken);

        server.Shutdown(SocketShutdown.Send);
        Assert.Equal("", await EchoServer.ReadAsync(client, 1));
        await client.SendAsync("late"u8.ToArray(), SocketFlags.None, TestContext.Current.CancellationToken);
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("late", await EchoServer.ReadAsync(server, 10));
        await Eventually.Holds(() => test.Metrics.OpenConnections == 0, "the connection is over");
    }

    [Fact]
    public async Task AResetOfTheEndpointReachesTheClient()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = new EchoServer("a");
        await test.ApplyAsync(Service(test, server.EndPoint));
        using var client = await test.ConnectAsync(8080);
        Assert.Equal("a", await EchoServer.ReadAsync(client, 1));

        server.ResetClients();

        var error = await Assert.ThrowsAsync<SocketException>(() => EchoServer.ReadAsync(client, 1));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task AClientStaysWithItsEndpointUntilItHasNotComeForTheTimeout()
    {
        var time = new FakeTimeProvider();
        await using var test = await ProxyUnderTest.StartAsync(time: time);
        await using var first = new EchoServer("a");
        await using var second = new EchoServer("b");
        await test.ApplyAsync(Service(test, first.EndPoint, second.EndPoint) with { ClientAffinity = TimeSpan.FromSeconds(10) });
        var mine = IPAddress.Parse("127.0.0.2");

        var name = await NameAsync(test, mine);
        for (var i = 0; i < 5; i++)
        {
            time.Advance(TimeSpan.FromSeconds(9));
            Assert.Equal(name, await NameAsync(test, mine));
            await test.ApplyAsync(Service(test, first.EndPoint, second.EndPoint) with { ClientAffinity = TimeSpan.FromSeconds(10) });
        }

        var others = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            others.Add(await NameAsync(test, IPAddress.Parse($"127.0.0.{i + 3}")));
            time.Advance(TimeSpan.FromSeconds(11));
        }

        Assert.Equal(2, others.Count);
        var (gone, left) = name == "a" ? (first, second) : (second, first);
        await test.ApplyAsync(Service(test, left.EndPoint) with { ClientAffinity = TimeSpan.FromSeconds(10) });
        Assert.NotEqual(name, await NameAsync(test, mine));
        Assert.NotEqual(gone.EndPoint, left.EndPoint);
    }

    [Fact]
    public async Task MoreThanTheMostConnectionsAreReset()
    {
        await using var test = await ProxyUnderTest.StartAsync(new ProxyOptions { MaxConnections = 1 });
        await using var server = new EchoServer("a");
        await test.ApplyAsync(Service(test, server.EndPoint));
        using var client = await test.ConnectAsync(8080);
        Assert.Equal("a", await EchoServer.ReadAsync(client, 1));

        await AssertResetAsync(test);
        Assert.Equal("still", await EchoServer.AskAsync(client, "still"));
    }

    [Fact]
    public async Task AfterASwapConnectionsGoOnAndNoneIsRefused()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var first = new EchoServer("a");
        await using var second = new EchoServer("b");
        await test.ApplyAsync(Service(test, first.EndPoint));
        using var old = await test.ConnectAsync(8080);
        Assert.Equal("a", await EchoServer.ReadAsync(old, 1));
        using var over = new CancellationTokenSource();
        var load = Task.Run(
            async () =>
            {
                var count = 0;
                while (!over.IsCancellationRequested)
                {
                    using var client = await test.ConnectAsync(8080);
                    Assert.Contains(await EchoServer.ReadAsync(client, 1), new[] { "a", "b" });
                    count++;
                }

                return count;
            },
            TestContext.Current.CancellationToken);

        for (var i = 0; i < 5; i++)
        {
            await test.SwapAsync(Service(test, second.EndPoint));
        }

        Assert.Equal("still", await EchoServer.AskAsync(old, "still"));
        using var client = await test.ConnectAsync(8080);
        Assert.Equal("b", await EchoServer.ReadAsync(client, 1));
        await over.CancelAsync();
        Assert.NotEqual(0, await load);
    }

    private static ServiceRecord Service(ProxyUnderTest test, params IPEndPoint[] endpoints) =>
        ProxyUnderTest.Service(test.Address, ProxyUnderTest.Port(8080, "TCP", "", endpoints));

    // Nobody listens there: the port is taken and given back.
    private static IPEndPoint Unused()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(ProxyUnderTest.NewAddress(), 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private static async Task<string> NameAsync(ProxyUnderTest test, IPAddress from)
    {
        using var client = await test.ConnectAsync(8080, from);
        return await EchoServer.ReadAsync(client, 1);
    }

    private static async Task AssertResetAsync(ProxyUnderTest test)
    {
        var error = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await test.ConnectAsync(8080);
            await EchoServer.ReadAsync(client, 1);
        });
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }
}
