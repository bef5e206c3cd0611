using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Modular.Abstractions;
using Modular.Testing;

namespace Modular.Plugins.ProxyYarp.Tests;

public sealed class UdpTests
{
    [Fact]
    public async Task DatagramsComeBackFromTheAddressTheyWentTo()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        using var server = new DatagramEcho("a");
        await test.ApplyAsync(Service(test, server.EndPoint));
        using var client = Connect(test);

        Assert.Equal("a:hello", await AskAsync(client, "hello"));
        Assert.Equal("a:", await AskAsync(client, ""));
        var large = new string('x', 60_000);
        Assert.Equal("a:" + large, await AskAsync(client, large));
        Assert.Equal(1, test.Metrics.UdpSessions);
    }

    [Fact]
    public async Task AClientKeepsItsEndpointUntilThatIsGone()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        using var first = new DatagramEcho("a");
        using var second = new DatagramEcho("b");
        await test.ApplyAsync(Service(test, first.EndPoint));
        using var client = Connect(test);
        Assert.Equal("a:1", await AskAsync(client, "1"));

        await test.ApplyAsync(Service(test, first.EndPoint, second.EndPoint));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("a:2", await AskAsync(client, "2"));
        }

        await test.ApplyAsync(Service(test, second.EndPoint));
        Assert.Equal("b:3", await AskAsync(client, "3"));
        Assert.Equal(1, test.Metrics.UdpSessions);
    }

    [Fact]
    public async Task ManyClientsAtOnceGetAllTheirAnswers()
    {
        const int clients = 8;
        const int rounds = 2_000;
        const int window = 16;
        await using var test = await ProxyUnderTest.StartAsync();
        var servers = Enumerable.Range(0, clients).Select(_ => new DatagramEcho("a")).ToList();
        await test.ApplyAsync(Service(test, [.. servers.Select(server => server.EndPoint)]));
        await Task.WhenAll(Enumerable.Range(0, clients).Select(number => Task.Run(() => AskManyAsync(number))));
        servers.ForEach(server => server.Dispose());

        async Task AskManyAsync(int number)
        {
            using var client = Connect(test);
            for (var round = 0; round < rounds; round++)
            {
                for (var i = 0; i < window; i++)
                {
                    await SendAsync(client, $"{number}-{round}");
                }

                for (var i = 0; i < window; i++)
                {
                    Assert.Equal($"a:{number}-{round}", await ReceiveAsync(client));
                }
            }
        }
    }

    [Fact]
    public async Task TheLongestIdleSessionMakesRoom()
    {
        await using var test = await ProxyUnderTest.StartAsync(new ProxyOptions { MaxUdpSessions = 2 });
        using var server = new DatagramEcho("a");
        await test.ApplyAsync(Service(test, server.EndPoint));
        for (var i = 0; i < 5; i++)
        {
            using var client = Connect(test);
            Assert.Equal("a:x", await AskAsync(client, "x"));
        }

        Assert.Equal(2, test.Metrics.UdpSessions);
    }

    [Fact]
    public async Task AnIdleSessionEnds()
    {
        var time = new FakeTimeProvider();
        await using var test = await ProxyUnderTest.StartAsync(time: time);
        using var server = new DatagramEcho("a");
        await test.ApplyAsync(Service(test, server.EndPoint));
        using var client = Connect(test);
        Assert.Equal("a:x", await AskAsync(client, "x"));

        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(1, test.Metrics.UdpSessions);
        time.Advance(TimeSpan.FromSeconds(31));
        await Eventually.Holds(() => test.Metrics.UdpSessions == 0, "the session ended");
        Assert.Equal("a:y", await AskAsync(client, "y"));
    }

    [Fact]
    public async Task ASwapLosesNothing()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        using var server = new DatagramEcho("a");
        await test.ApplyAsync(Service(test, server.EndPoint));
        using var client = Connect(test);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("a:x", await AskAsync(client, "x"));
            await test.SwapAsync(Service(test, server.EndPoint));
            Assert.Equal("a:y", await AskAsync(client, "y"));
        }
    }

    private static ServiceRecord Service(ProxyUnderTest test, params IPEndPoint[] endpoints) =>
        ProxyUnderTest.Service(test.Address, ProxyUnderTest.Port(8053, "UDP", "", endpoints));

    private static Socket Connect(ProxyUnderTest test)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(new IPEndPoint(test.Address, 8053));
        return socket;
    }

    private static async Task<string> AskAsync(Socket client, string text)
    {
        await SendAsync(client, text);
        return await ReceiveAsync(client);
    }

    private static async Task SendAsync(Socket client, string text) =>
        await client.SendAsync(Encoding.ASCII.GetBytes(text), SocketFlags.None, TestContext.Current.CancellationToken);

    private static async Task<string> ReceiveAsync(Socket client)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(65_536);
        var count = await client.ReceiveAsync(buffer, SocketFlags.None, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
        var text = Encoding.ASCII.GetString(buffer, 0, count);
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    private sealed class DatagramEcho : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly byte[] _name;

        public DatagramEcho(string name)
        {
            _name = Encoding.ASCII.GetBytes(name + ":");
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
            _ = EchoAsync();
        }

        public IPEndPoint EndPoint { get; }

        public void Dispose() => _socket.Dispose();

        private async Task EchoAsync()
        {
            var buffer = new byte[65_536];
            _name.CopyTo(buffer, 0);
            try
            {
                while (true)
                {
                    var from = await _socket.ReceiveFromAsync(buffer.AsMemory(_name.Length), SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
                    await _socket.SendToAsync(buffer.AsMemory(0, _name.Length + from.ReceivedBytes), SocketFlags.None, from.RemoteEndPoint);
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
