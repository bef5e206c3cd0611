using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Modular.Abstractions.Http;
using Modular.Testing;

namespace Modular.PluginProcess.Tests;

/// <summary>Requests that a plugin answers, here and in a process of its own: to a client it is the same.</summary>
public sealed class HttpTests
{
    private const int Block = 1 << 20;
    private const int Blocks = 48;

    // Megabytes in all the buffers on the way.
    private const int MostUnderway = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_arrives_as_it_was_sent_with_its_user_and_its_answer_returns(bool isProcess)
    {
        await using var front = await HttpFront.StartAsync(isProcess);
        foreach (var (path, contract) in new[] { ("/fixture/a%20b/%C3%A4?q=1%2F2&r", "endpoints"), ("/node/a%20b/%C3%A4?q=1%2F2&r", "node") })
        {
            using var answer = await front.Client.DeleteAsync(path, Token);
            var at = contract == "node" ? "/node" : "/fixture";
            Assert.Equal(
                $"""
                {contract} DELETE http://{front.Address.Authority}{at}/a b/ä?q=1%2F2&r
                from 127.0.0.1 by system:node:größe 1 uid=u/1 groups=a,b|system:authenticated example.org/größe=c,d||e scopes=all
                headers 
                """,
                await answer.Content.ReadAsStringAsync(Token));
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            Assert.Equal("yes", answer.Headers.GetValues("X-Answer").Single());
            Assert.Equal("max-age=5", answer.Headers.CacheControl!.ToString());
        }
    }

    [Fact]
    public async Task A_client_can_not_say_what_only_the_host_says()
    {
        await using var front = await HttpFront.StartAsync(isProcess: true);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fixture/x");
        foreach (var header in new[] { "X-Remote-User", "x-remote-group", "X-Remote-Uid", "X-Remote-Extra-Scopes", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host" })
        {
            request.Headers.Add(header, "root");
        }

        request.Headers.Add("X-Modular-Contract", "modular.node-endpoint");
        request.Headers.Add("Authorization", "Bearer secret");
        request.Headers.Add("X-Own", "kept");
        using var answer = await front.Client.SendAsync(request, Token);
        Assert.Equal(
            $"""
            endpoints GET http://{front.Address.Authority}/fixture/x
            from 127.0.0.1 by system:node:größe 1 uid=u/1 groups=a,b|system:authenticated example.org/größe=c,d||e scopes=all
            headers X-Own
            """,
            await answer.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_answer_is_given_as_fast_as_it_is_read(bool isProcess)
    {
        await using var front = await HttpFront.StartAsync(isProcess);
        await using var body = await front.Client.GetStreamAsync("/fixture/gives", Token);
        var block = new byte[Block];
        for (var i = 0; i < Blocks; i++)
        {
            await body.ReadExactlyAsync(block, Token);
            Assert.False(block.AsSpan().ContainsAnyExcept((byte)i));
            Assert.InRange(int.Parse(await front.Client.GetStringAsync("/fixture/given", Token), CultureInfo.InvariantCulture), i, i + MostUnderway);
        }

        Assert.Equal(0, await body.ReadAsync(block, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_request_is_sent_as_fast_as_it_is_taken(bool isProcess)
    {
        await using var front = await HttpFront.StartAsync(isProcess);
        var pipe = new Pipe();
        using var content = new StreamContent(pipe.Reader.AsStream());
        content.Headers.ContentLength = (long)Block * Blocks;
        var answering = front.Client.PostAsync("/fixture/takes", content, Token);
        var sent = 0;
        var sending = Task.Run(
            async () =>
            {
                var block = new byte[Block];
                for (; sent < Blocks; Interlocked.Increment(ref sent))
                {
                    block.AsSpan().Fill((byte)sent);
                    await pipe.Writer.WriteAsync(block, Token);
                }

                await pipe.Writer.CompleteAsync();
            },
            Token);
        for (var i = 0; i < Blocks; i++)
        {
            Assert.InRange(Volatile.Read(ref sent), 0, i + MostUnderway);
            Assert.Equal("ok", await front.Client.GetStringAsync("/fixture/next", Token));
        }

        await sending;
        using var answer = await answering;
        Assert.Equal($"{Blocks}", await answer.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WebSockets_pass_in_both_directions(bool isProcess)
    {
        await using var front = await HttpFront.StartAsync(isProcess);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("v5.channel.k8s.io");
        await socket.ConnectAsync(new UriBuilder(front.Address) { Scheme = "ws", Path = "/fixture/socket" }.Uri, Token);
        Assert.Equal("v5.channel.k8s.io", socket.SubProtocol);
        var buffer = new byte[1024];
        foreach (var text in new[] { "one", "two" })
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Token);
            var received = await socket.ReceiveAsync(buffer, Token);
            Assert.Equal((text, WebSocketMessageType.Text), (Encoding.UTF8.GetString(buffer, 0, received.Count), received.MessageType));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Token);
        Assert.Equal("bye", socket.CloseStatusDescription);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upgraded_connection_is_a_stream_of_bytes(bool isProcess)
    {
        await using var front = await HttpFront.StartAsync(isProcess);
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPEndPoint.Parse(front.Address.Authority), Token);
        var stream = socket.GetStream();
        await stream.WriteAsync("POST /node/upgrade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n"u8.ToArray(), Token);
        using var reader = new BufferedStream(stream, 1);
        Assert.StartsWith("HTTP/1.1 101", await LineAsync(reader), StringComparison.Ordinal);
        while ((await LineAsync(reader)).Length > 0)
        {
            // The headers.
        }

        await stream.WriteAsync("hello"u8.ToArray(), Token);
        var buffer = new byte[5];
        await reader.ReadExactlyAsync(buffer, Token);
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_sent_piece_by_piece_arrives_piece_by_piece(bool isProcess)
    {
        await using var front = await HttpFront.StartAsync(isProcess);
        using var reader = new StreamReader(await front.Client.GetStreamAsync("/fixture/events", Token));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"data: {i}", await reader.ReadLineAsync(Token));
            Assert.Equal("", await reader.ReadLineAsync(Token));
            Assert.Equal("ok", await front.Client.GetStringAsync("/fixture/next", Token));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_ends_its_request(bool isProcess)
    {
        await using var front = await HttpFront.StartAsync(isProcess);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var request = front.Client.GetAsync("/fixture/never", leaving.Token);
        await Eventually.Holds(() => Exists(front, "waits"), "the request has arrived");
        Assert.False(Exists(front, "left"));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Eventually.Holds(() => Exists(front, "left"), "the plugin has heard of it");
    }

    [Fact]
    public async Task Requests_of_a_process_that_is_killed_say_whose_it_was_and_the_next_one_answers()
    {
        await using var front = await HttpFront.StartAsync(isProcess: true);
        var waiting = front.Client.GetAsync("/fixture/never", Token);
        using var following = new StreamReader(await front.Client.GetStreamAsync("/fixture/events", Token));
        Assert.Equal("data: 0", await following.ReadLineAsync(Token));
        await Eventually.Holds(() => Exists(front, "waits"), "the request has arrived");
        var pid = front.Test.Pid;
        using (var process = Process.GetProcessById(pid))
        {
            process.Kill();
        }

        using var lost = await waiting;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/json"), (lost.StatusCode, lost.Content.Headers.ContentType!.MediaType));
        var status = JsonNode.Parse(await lost.Content.ReadAsStringAsync(Token))!;
        Assert.Equal(("Status", "ServiceUnavailable"), ((string?)status["kind"], (string?)status["reason"]));
        Assert.Equal("plugin scheduler (http-fixture 0.1.0) does not answer: its process has ended or is being started", (string?)status["message"]);
        await Assert.ThrowsAnyAsync<IOException>(() => following.ReadToEndAsync(Token));
        await front.Test.UntilReplacedAsync(pid);
        Assert.Equal("ok", await front.Client.GetStringAsync("/fixture/next", Token));
    }

    [Fact]
    public async Task What_a_handler_throws_is_answered_as_the_API_server_would()
    {
        await using var front = await HttpFront.StartAsync(isProcess: true);
        using var refused = await front.Client.GetAsync("/fixture/refuses", Token);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal("there is no such thing", (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Token))!["message"]);
        using var failed = await front.Client.GetAsync("/fixture/throws", Token);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal(
            "Internal error occurred: the plugin's log explains it under GET /fixture/throws",
            (string?)JsonNode.Parse(await failed.Content.ReadAsStringAsync(Token))!["message"]);
        await Eventually.Holds(() => front.Test.Context.Lines.All.Any(line => line.Text.Contains("the secret of the handler", StringComparison.Ordinal)), "it is logged");
    }

    [Fact]
    public async Task What_an_endpoint_is_for_is_known_without_a_process()
    {
        await using var test = await PluginUnderTest.StartAsync("http-fixture", isProcess: true);
        await test.StopAsync();
        Assert.Equal(["/fixture", "/other/"], test.Provided<IHttpEndpoints>().Prefixes);
        Assert.Equal("fixture-node", test.Provided<INodeEndpoint>().NodeName);
    }

    private static bool Exists(HttpFront front, string file) => File.Exists(Path.Combine(front.Test.Context.DataDirectory, file));

    private static async Task<string> LineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, Token) > 0 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString().TrimEnd('\r');
    }
}
