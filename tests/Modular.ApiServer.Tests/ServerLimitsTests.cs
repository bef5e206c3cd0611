using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiServer.Tests;

/// <summary>What a client may not do to the server, and what it is told.</summary>
public sealed class ServerLimitsTests
{
    private const string All = "/apis/example.com/v1/namespaces/default/widgets";
    private const int BodyLimit = 3 * 1024 * 1024;

    // Kestrel looks once a second.
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1.5);

    [Theory]
    [InlineData("GET /version HTTP/1.1\r\nHost: a\r\n{0}\r\n", 101, 10, "HTTP/1.1 431 ")]
    [InlineData("GET /version HTTP/1.1\r\nHost: a\r\n{0}\r\n", 50, 1000, "HTTP/1.1 431 ")]
    [InlineData("GET /version HTTP/1.1\r\nHost: a\r\n{0}\r\n", 50, 100, "HTTP/1.1 200 ")]
    public async Task Headers_are_bounded_in_number_and_size(string request, int count, int size, string answer)
    {
        await using var server = await TestServer.StartAsync();
        var headers = string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('a', size)}\r\n"));

        await using var stream = await SendAsync(server, string.Format(System.Globalization.CultureInfo.InvariantCulture, request, headers));

        Assert.Equal(answer, await ReadAsync(stream, answer.Length));
    }

    [Fact]
    public async Task The_request_line_is_bounded()
    {
        await using var server = await TestServer.StartAsync();

        await using var stream = await SendAsync(server, $"GET /version?a={new string('a', 10_000)} HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 414 ", await ReadToEndAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_do_not_end_end_the_connection()
    {
        await using var server = await TestServer.StartAsync(limit: options => options with { HeaderTimeout = Short });

        await using var stream = await SendAsync(server, "GET /version HTTP/1.1\r\nHost: a\r\nX-");

        Assert.StartsWith("HTTP/1.1 408 ", await ReadToEndAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_without_requests_is_closed()
    {
        await using var server = await TestServer.StartAsync(limit: options => options with { IdleTimeout = Short });

        await using var stream = await SendAsync(server, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", await ReadToEndAsync(stream), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 1000")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task A_body_that_does_not_come_is_a_status(string length)
    {
        await using var server = await TestServer.StartAsync(limit: options => options with { BodyGrace = Short });

        await using var stream = await SendAsync(server, $"POST {All} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{length}\r\n\r\n");

        var answer = await ReadToEndAsync(stream);
        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"Status\"", answer, StringComparison.Ordinal);
        Assert.Null(server.Pipeline.Request);
    }

    [Theory]
    [InlineData("POST", false)]
    [InlineData("POST", true)]
    [InlineData("PUT", false)]
    [InlineData("PATCH", true)]
    [InlineData("DELETE", false)]
    public async Task A_body_beyond_the_limit_is_a_status_for_clients_that_send_it_all_first(string method, bool chunked)
    {
        await using var server = await TestServer.StartAsync();
        foreach (var size in (int[])[BodyLimit, 12 * BodyLimit])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), method == "POST" ? All : All + "/a")
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes($"\"{new string('x', size)}\"")),
            };
            request.Content.Headers.Add("Content-Type", method == "PATCH" ? "application/merge-patch+json" : "application/json");
            request.Headers.TransferEncodingChunked = chunked;

            using var response = await server.Client.SendAsync(request, TestServer.Cancel);

            var status = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestServer.Cancel))!.AsObject();
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            Assert.Equal(("Status", "RequestEntityTooLarge", "Request entity too large: limit is 3145728"), (status.GetString("kind"), status.GetString("reason"), status.GetString("message")));
        }

        Assert.Null(server.Pipeline.Request);
        Assert.Equal(200, (await server.SendAsync("GET", "/version")).Code);
    }

    [Theory]
    [InlineData("Content-Length: 100000000000")]
    [InlineData("Content-Length: 4000000\r\nExpect: 100-continue")]
    public async Task A_body_that_says_it_is_too_large_is_refused_before_it_is_sent(string length)
    {
        await using var server = await TestServer.StartAsync();

        await using var stream = await SendAsync(server, $"POST {All} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{length}\r\n\r\n");

        Assert.Equal("HTTP/1.1 413 ", await ReadAsync(stream, 13));
    }

    [Fact]
    public async Task A_body_as_large_as_the_limit_is_read()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.SendAsync("POST", All, $"\"{new string('x', BodyLimit - 2)}\"");

        Assert.Equal(201, answer.Code);
    }

    private static async Task<NetworkStream> SendAsync(TestServer server, string request)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, TestServer.Cancel);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestServer.Cancel);
        return stream;
    }

    private static async Task<string> ReadAsync(NetworkStream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, TestServer.Cancel);
        return Encoding.ASCII.GetString(bytes);
    }

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestServer.Cancel);
    }
}
