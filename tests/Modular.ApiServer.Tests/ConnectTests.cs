using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Modular.ApiServer.Tests;

public sealed class ConnectTests
{
    private const string Log = "/apis/example.com/v1/namespaces/default/widgets/a/log";

    [Fact]
    public async Task The_node_gets_the_clients_own_request_under_its_own_path_and_who_sent_it()
    {
        await using var server = await TestServer.StartAsync(WithNode);
        server.Pipeline.Node = new NodeRequest("node1", "/containerLogs/default/a/c%20d", "?follow=true");
        Assert.Equal("/containerLogs/default/a/c d ?follow=true tester", (await server.SendAsync("GET", Log + "?container=c")).Text);
        Assert.Equal(("get", "log"), (server.Pipeline.Request!.Verb, server.Pipeline.Request.Subresource));
    }

    [Fact]
    public async Task WebSockets_pass_through()
    {
        await using var server = await TestServer.StartAsync(WithNode);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("v5.channel.k8s.io");
        await socket.ConnectAsync(new UriBuilder(server.Client.BaseAddress!) { Scheme = "ws", Path = Log }.Uri, TestServer.Cancel);
        Assert.Equal("v5.channel.k8s.io", socket.SubProtocol);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Binary, true, TestServer.Cancel);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer, TestServer.Cancel);
        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", TestServer.Cancel);
    }

    [Fact]
    public async Task A_node_nobody_speaks_for_is_named()
    {
        await using var server = await TestServer.StartAsync(WithNode);
        server.Pipeline.Node = new NodeRequest("node2", "/containerLogs/default/a/c", "");
        var answer = await server.SendAsync("GET", Log);
        Assert.Equal((503, "ServiceUnavailable"), (answer.Code, answer["reason"]));
        Assert.Contains("node \"node2\"", answer["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dashboard", 200)]
    [InlineData("/dashboard/a/b", 200)]
    [InlineData("/dashboards", 404)]
    public async Task Plugins_serve_their_prefixes(string path, int code)
    {
        await using var server = await TestServer.StartAsync(parts => parts with { HttpEndpoints = () => [Lease<IHttpEndpoints>(new Dashboard())] });
        var answer = await server.SendAsync("GET", path);
        Assert.Equal(code, answer.Code);
        Assert.True(code != 200 || answer.Text == "ok, tester");
    }

    private static ApiServerParts WithNode(ApiServerParts parts) =>
        parts with { FindNode = node => node == "node1" ? Lease<INodeEndpoint>(new Node()) : null };

    private static ContractLease<T> Lease<T>(T value)
        where T : class => new(value, new PluginIdentity("test", "test", "0.1.0", 1), 1, null);

    private sealed class Node : INodeEndpoint
    {
        public string NodeName => "node1";

        public async Task HandleAsync(HttpContext context)
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                await context.Response.WriteAsync($"{context.Request.Path.Value} {context.Request.QueryString.Value} {context.Features.Get<UserInfo>()!.Name}", context.RequestAborted);
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols[0]);
            var buffer = new byte[64];
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Binary, true, context.RequestAborted);
            await socket.ReceiveAsync(buffer, context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
        }
    }

    private sealed class Dashboard : IHttpEndpoints
    {
        public IReadOnlyList<string> Prefixes => ["/dashboard/"];

        public Task HandleAsync(HttpContext context) => context.Response.WriteAsync($"ok, {context.Features.Get<UserInfo>()!.Name}", context.RequestAborted);
    }
}
