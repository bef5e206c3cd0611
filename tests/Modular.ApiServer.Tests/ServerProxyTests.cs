using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Modular.ApiServer.Tests;

/// <summary>Servers in the cluster, asked through the API.</summary>
public sealed class ServerProxyTests
{
    private const string Proxy = "/apis/example.com/v1/namespaces/n/widgets/https:a:web/proxy";

    [Theory]
    [InlineData("GET", "get")]
    [InlineData("POST", "create")]
    [InlineData("PUT", "update")]
    [InlineData("PATCH", "patch")]
    [InlineData("DELETE", "delete")]
    [InlineData("OPTIONS", "get")]
    public async Task Each_method_reaches_the_server_with_its_body(string method, string verb)
    {
        await using var backend = await Backend.StartAsync(async context =>
        {
            context.Response.StatusCode = 202;
            context.Response.Headers.CacheControl = "max-age=7";
            context.Response.ContentType = "text/x-test";
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.Method} {Target(context)} {await reader.ReadToEndAsync()}");
        });
        await using var server = await StartAsync(backend);
        var answer = await server.SendAsync(method, Proxy + "/a%20b//c/%2F?limit=x&q=%2F&watch=true", method is "GET" or "OPTIONS" ? null : "body");
        Assert.Equal((202, "text/x-test"), (answer.Code, answer.ContentType));
        Assert.Equal($"{method} /a%20b//c/%2F?limit=x&q=%2F&watch=true {(method is "GET" or "OPTIONS" ? "" : "body")}", answer.Text);
        Assert.Equal("max-age=7", answer.Headers.CacheControl?.ToString());
        Assert.Equal((verb, "n", "https:a:web", "proxy"), Asked(server));
    }

    [Fact]
    public async Task Head_is_answered_without_a_body()
    {
        await using var backend = await Backend.StartAsync(context =>
        {
            context.Response.ContentLength = 5;
            context.Response.Headers["X-Method"] = context.Request.Method;
            return Task.CompletedTask;
        });
        await using var server = await StartAsync(backend);
        var answer = await server.SendAsync("HEAD", Proxy + "/x");
        Assert.Equal((200, "HEAD", ""), (answer.Code, answer.Headers.GetValues("X-Method").Single(), answer.Text));
        Assert.Equal(("get", "n", "https:a:web", "proxy"), Asked(server));
    }

    [Theory]
    [InlineData("/a/../../proxy/b", "/b")]
    [InlineData("/%2e%2e/proxy/c", "/c")]
    [InlineData("/.well-known/d%20e", "/.well-known/d%20e")]
    public async Task A_path_is_the_one_that_was_routed(string rest, string target)
    {
        await using var backend = await Backend.StartAsync(context => context.Response.WriteAsync(Target(context)));
        await using var server = await StartAsync(backend);
        var (code, text) = await SendRawAsync(server, $"GET {Proxy}{rest} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n");
        Assert.Equal((200, target), (code, text));
    }

    [Fact]
    public async Task Readers_are_sent_to_the_root_and_others_are_there()
    {
        await using var backend = await Backend.StartAsync(context => context.Response.WriteAsync(Target(context)));
        await using var server = await StartAsync(backend);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Client.BaseAddress };
        using var moved = await client.GetAsync(Proxy + "?a=1", TestServer.Cancel);
        Assert.Equal((HttpStatusCode.MovedPermanently, Proxy + "/?a=1"), (moved.StatusCode, moved.Headers.Location!.OriginalString));
        Assert.Equal("/?a=1", (await server.SendAsync("GET", Proxy + "/?a=1")).Text);
        Assert.Equal("/?a=1", (await server.SendAsync("POST", Proxy + "?a=1", "x")).Text);
    }

    [Fact]
    public async Task The_server_learns_who_asked_but_gets_no_credentials_and_nothing_of_the_connection()
    {
        await using var backend = await Backend.StartAsync(async context =>
        {
            context.Response.Headers.Connection = "X-Hop";
            context.Response.Headers["X-Hop"] = "1";
            await context.Response.WriteAsync(string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}={header.Value}")));
        });
        await using var server = await StartAsync(backend);
        using var request = new HttpRequestMessage(HttpMethod.Get, Proxy + "/x");
        foreach (var header in (string[])["Authorization: Bearer secret", "Impersonate-User: root", "impersonate-uid: 1", "Connection: X-Once", "X-Once: 1", "X-Mine: 2", "X-Forwarded-For: 192.0.2.1"])
        {
            var (name, value) = (header.Split(": ")[0], header.Split(": ")[1]);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await server.Client.SendAsync(request, TestServer.Cancel);
        var seen = await response.Content.ReadAsStringAsync(TestServer.Cancel);
        Assert.Contains("X-Mine=2", seen, StringComparison.Ordinal);
        Assert.Contains($"X-Forwarded-Uri={Proxy}/x", seen, StringComparison.Ordinal);
        Assert.Matches("X-Forwarded-For=192.0.2.1, ?(127.0.0.1|::ffff:127.0.0.1)", seen);
        Assert.DoesNotContain("secret", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("mpersonate-", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Once=", seen, StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("X-Hop"));
    }

    [Theory]
    [InlineData("/login?next=/", Proxy + "/login?next=/")]
    [InlineData("ADDRESS/here", Proxy + "/here")]
    [InlineData("relative", "relative")]
    [InlineData("//elsewhere/x", "//elsewhere/x")]
    [InlineData("https://elsewhere.example/x", "https://elsewhere.example/x")]
    public async Task Redirects_lead_back_through_the_API(string location, string expected)
    {
        var address = "";
        await using var backend = await Backend.StartAsync(context =>
        {
            context.Response.Redirect(location.Replace("ADDRESS", address, StringComparison.Ordinal));
            return Task.CompletedTask;
        });
        address = backend.Address;
        await using var server = await StartAsync(backend);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Client.BaseAddress };
        using var moved = await client.GetAsync(Proxy + "/", TestServer.Cancel);
        Assert.Equal((302, expected), ((int)moved.StatusCode, moved.Headers.Location!.OriginalString));
    }

    [Fact]
    public async Task Certificates_are_not_asked_who_they_are()
    {
        await using var backend = await Backend.StartAsync(context => context.Response.WriteAsync(context.Request.Scheme), https: true);
        await using var server = await StartAsync(backend);
        Assert.Equal("https", (await server.SendAsync("GET", Proxy + "/")).Text);
    }

    [Fact]
    public async Task Bodies_stream_both_ways_beyond_the_bounds_of_the_API()
    {
        const int size = 8 * 1024 * 1024;
        await using var backend = await Backend.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            await context.Response.Body.WriteAsync(body.ToArray());
        });
        await using var server = await StartAsync(backend);
        var sent = new byte[size];
        new Random(1).NextBytes(sent);
        using var content = new ByteArrayContent(sent);
        using var response = await server.Client.PostAsync(Proxy + "/echo", content, TestServer.Cancel);
        var received = await response.Content.ReadAsByteArrayAsync(TestServer.Cancel);
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task What_a_server_has_said_arrives_before_it_ends()
    {
        var end = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("first\n");
            await context.Response.Body.FlushAsync();
            await end.Task;
            await context.Response.WriteAsync("last\n");
        });
        await using var server = await StartAsync(backend);
        using var reader = new StreamReader(await server.Client.GetStreamAsync(Proxy + "/", TestServer.Cancel));
        Assert.Equal("first", await reader.ReadLineAsync(TestServer.Cancel));
        end.SetResult();
        Assert.Equal("last", await reader.ReadLineAsync(TestServer.Cancel));
    }

    [Fact]
    public async Task WebSockets_pass()
    {
        await using var backend = await Backend.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync("chat");
            var buffer = new byte[64];
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, true, context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
        });
        await using var server = await StartAsync(backend);
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("chat");
        await client.ConnectAsync(new UriBuilder(server.Client.BaseAddress!) { Scheme = "ws", Path = Proxy }.Uri, TestServer.Cancel);
        Assert.Equal("chat", client.SubProtocol);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, TestServer.Cancel);
        var answer = new byte[64];
        Assert.Equal(5, (await client.ReceiveAsync(answer, TestServer.Cancel)).Count);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        string address;
        await using (var backend = await Backend.StartAsync(_ => Task.CompletedTask))
        {
            address = backend.Address;
        }

        await using var server = await TestServer.StartAsync();
        server.Pipeline.Node = new NodeRequest("", "", "") { Address = address };
        var answer = await server.SendAsync("GET", Proxy + "/");
        Assert.Equal((503, "ServiceUnavailable"), (answer.Code, answer["reason"]));
        Assert.StartsWith("error trying to reach service: ", answer["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_gets_what_follows()
    {
        await using var server = await TestServer.StartAsync(parts => parts with
        {
            FindNode = _ => new ContractLease<INodeEndpoint>(new Node(), new PluginIdentity("test", "test", "0.1.0", 1), 1, null),
        });
        server.Pipeline.Node = new NodeRequest("oak", "", "");
        Assert.Equal("/healthz/a b?c=d", (await server.SendAsync("GET", Proxy + "/healthz/a%20b?c=d")).Text);
    }

    private static string Target(HttpContext context) => context.Features.Get<IHttpRequestFeature>()!.RawTarget;

    private static (string Verb, string Namespace, string Name, string Subresource) Asked(TestServer server)
    {
        var request = server.Pipeline.Request!;
        return (request.Verb, request.Namespace, request.Name, request.Subresource);
    }

    private static async Task<TestServer> StartAsync(Backend backend)
    {
        var server = await TestServer.StartAsync();
        server.Pipeline.Node = new NodeRequest("", "", "") { Address = backend.Address };
        return server;
    }

    /// <summary>A request as written: a client of .NET would resolve dots itself.</summary>
    private static async Task<(int Code, string Text)> SendRawAsync(TestServer server, string request)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, TestServer.Cancel);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), TestServer.Cancel);
        using var reader = new StreamReader(connection.GetStream());
        var answer = await reader.ReadToEndAsync(TestServer.Cancel);
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        return (int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), body.Contains("\r\n", StringComparison.Ordinal) ? body.Split("\r\n")[1] : body);
    }

    private sealed class Node : INodeEndpoint
    {
        public string NodeName => "oak";

        public Task HandleAsync(HttpContext context) => context.Response.WriteAsync($"{context.Request.Path.Value}{context.Request.QueryString.Value}");
    }
}
