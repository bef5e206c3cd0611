using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Modular.Abstractions;

namespace Modular.Plugins.ProxyYarp.Tests;

public sealed class HttpTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RequestsOfOneConnectionTakeTurnsAndArriveAsTheyAre()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var first = await WebServer.StartAsync("a");
        await using var second = await WebServer.StartAsync("b");
        await test.ApplyAsync(Service(test, "http", first, second));
        using var client = await test.ConnectAsync(8080);

        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add(await GetAsync(client, "/a%2Fb/%7e//./x?q=%20"));
        }

        Assert.All(answers, answer => Assert.EndsWith(" web.example /a%2Fb/%7e//./x?q=%20", answer, StringComparison.Ordinal));
        Assert.Equal(2, answers.Count(answer => answer.StartsWith('a')));
        Assert.Equal(2, answers.Count(answer => answer.StartsWith('b')));
    }

    [Fact]
    public async Task BodiesAreForwarded()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = await WebServer.StartAsync("a");
        await test.ApplyAsync(Service(test, "http", server));
        using var client = new HttpClient();

        using var answer = await client.PostAsync(new Uri($"http://{test.Address}:8080/x"), new StringContent("text"), Token);

        Assert.Equal($"a {test.Address}:8080 /x text", await answer.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task AnEndpointThatRefusesIsPassedOver()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = await WebServer.StartAsync("a");
        var gone = await WebServer.StartAsync("b");
        await gone.DisposeAsync();
        await test.ApplyAsync(Service(test, "http", gone, server));
        using var client = new HttpClient();

        for (var i = 0; i < 6; i++)
        {
            using var answer = await client.PostAsync(new Uri($"http://{test.Address}:8080/x"), new StringContent("text"), Token);
            Assert.StartsWith("a ", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task WithoutEndpointsAnOpenConnectionIsToldAndANewOneReset()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = await WebServer.StartAsync("a");
        await test.ApplyAsync(Service(test, "http", server));
        using var client = await test.ConnectAsync(8080);
        await GetAsync(client, "/");

        await test.ApplyAsync(Service(test, "http"));

        await client.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: web.example\r\n\r\n"), SocketFlags.None, Token);
        Assert.StartsWith("HTTP/1.1 503", await EchoServer.ReadAsync(client, 10_000), StringComparison.Ordinal);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var late = await test.ConnectAsync(8080);
            await EchoServer.ReadAsync(late, 1);
        });
    }

    [Fact]
    public async Task Http2WithoutTlsGoesThrough()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = await WebServer.StartAsync("a", HttpProtocols.Http2);
        await test.ApplyAsync(Service(test, "kubernetes.io/h2c", server));
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var answer = await client.GetAsync(new Uri($"http://{test.Address}:8080/x"), Token);

        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.Equal($"a {test.Address}:8080 /x", await answer.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task ASwapCutsNeitherKeepAliveNorDownloadNorWebSocket()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = await WebServer.StartAsync("a");
        await using var later = await WebServer.StartAsync("b");
        await test.ApplyAsync(Service(test, "http", server));
        using var keepAlive = await test.ConnectAsync(8080);
        await GetAsync(keepAlive, "/");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{test.Address}:8080/"), Token);
        await EchoAsync(socket, "one");
        using var client = new HttpClient();
        using var download = await client.GetAsync(new Uri($"http://{test.Address}:8080/download"), HttpCompletionOption.ResponseHeadersRead, Token);

        await test.SwapAsync(Service(test, "http", later));

        Assert.StartsWith("b ", await GetAsync(keepAlive, "/"), StringComparison.Ordinal);
        await test.SwapAsync(Service(test, "http", later));
        Assert.StartsWith("b ", await GetAsync(keepAlive, "/"), StringComparison.Ordinal);
        await EchoAsync(socket, "two");
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Token);
        server.Release.SetResult();
        Assert.Equal("first second", await download.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task NoRequestFailsWhileEndpointsRollAndProxiesAreSwapped()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var first = await WebServer.StartAsync("a");
        await using var second = await WebServer.StartAsync("b");
        await test.ApplyAsync(Service(test, "http", first, second));
        using var over = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(i => Task.Run(() => LoadAsync(test, reuse: i % 2 == 0, over.Token), Token)).ToArray();

        for (var i = 0; i < 20; i++)
        {
            await test.ApplyAsync(Service(test, "http", i % 2 == 0 ? first : second));
            await test.ApplyAsync(Service(test, "http", first, second));
            if (i % 5 == 0)
            {
                await test.SwapAsync(Service(test, "http", first, second));
            }
        }

        await over.CancelAsync();
        Assert.All(await Task.WhenAll(load), count => Assert.NotEqual(0, count));
    }

    private static async Task<int> LoadAsync(ProxyUnderTest test, bool reuse, CancellationToken over)
    {
        var count = 0;
        var client = await test.ConnectAsync(8080);
        while (count == 0 || !over.IsCancellationRequested)
        {
            if (!reuse)
            {
                client.Dispose();
                client = await test.ConnectAsync(8080);
            }

            await GetAsync(client, "/");
            count++;
        }

        client.Dispose();
        return count;
    }

    private static ServiceRecord Service(ProxyUnderTest test, string appProtocol, params WebServer[] servers) => ProxyUnderTest.Service(
        test.Address, ProxyUnderTest.Port(8080, "TCP", appProtocol, [.. servers.Select(server => server.EndPoint)]));

    private static async Task EchoAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), WebSocketMessageType.Text, true, Token);
        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer, Token);
        Assert.Equal(text, Encoding.ASCII.GetString(buffer, 0, received.Count));
    }

    // A client that never retries and never reconnects.
    private static async Task<string> GetAsync(Socket client, string target)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: web.example\r\n\r\n"), SocketFlags.None, Token);
        var text = "";
        while (!text.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
        {
            var buffer = new byte[4096];
            var count = await client.ReceiveAsync(buffer, SocketFlags.None, Token);
            Assert.True(count > 0, $"the connection was cut after: {text}");
            text += Encoding.ASCII.GetString(buffer, 0, count);
        }

        Assert.StartsWith("HTTP/1.1 200", text, StringComparison.Ordinal);
        var body = text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        return body.Split("\r\n")[1];
    }
}
