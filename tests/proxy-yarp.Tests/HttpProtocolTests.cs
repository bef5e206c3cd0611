using System.Net.Sockets;
using System.Text;

namespace Modular.Plugins.ProxyYarp.Tests;

/// <summary>What HTTP allows and few clients do.</summary>
public sealed class HttpProtocolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AClientOfHttp10GetsItsAnswerAndTheEnd()
    {
        var text = await AskAsync("GET /x HTTP/1.0\r\nHost: web\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\na web /x", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestsSentTogetherAreAnsweredInTheirOrder()
    {
        var text = await AskAsync(
            "GET /1 HTTP/1.1\r\nHost: web\r\n\r\nGET /2 HTTP/1.1\r\nHost: web\r\n\r\nGET /3 HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");

        var places = new[] { "a web /1", "a web /2", "a web /3" }.Select(answer => text.IndexOf(answer, StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public async Task ABodyInChunksWithATrailerArrives()
    {
        var text = await AskAsync(
            "POST /x HTTP/1.1\r\nHost: web\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\nX-Sum: 6\r\n\r\n");

        Assert.Contains("a web /x onetwo", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClientThatAsksFirstIsToldToGoOn()
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = await WebServer.StartAsync("a");
        await ServeAsync(test, server);
        using var client = await test.ConnectAsync(8080);

        await SendAsync(client, "POST /x HTTP/1.1\r\nHost: web\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100", await EchoServer.ReadAsync(client, 25), StringComparison.Ordinal);
        await SendAsync(client, "body");

        Assert.Contains("a web /x body", await EchoServer.ReadAsync(client, 100_000), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HeadersThatAreTooLargeAreRefused()
    {
        var text = await AskAsync($"GET / HTTP/1.1\r\nHost: web\r\nX-Large: {new string('x', 70_000)}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 431", text, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(string request)
    {
        await using var test = await ProxyUnderTest.StartAsync();
        await using var server = await WebServer.StartAsync("a");
        await ServeAsync(test, server);
        using var client = await test.ConnectAsync(8080);
        await SendAsync(client, request);
        return await EchoServer.ReadAsync(client, 100_000);
    }

    private static async Task ServeAsync(ProxyUnderTest test, WebServer server) =>
        await test.ApplyAsync(ProxyUnderTest.Service(test.Address, ProxyUnderTest.Port(8080, "TCP", "http", server.EndPoint)));

    private static async Task SendAsync(Socket client, string text) => await client.SendAsync(Encoding.ASCII.GetBytes(text), SocketFlags.None, Token);
}
