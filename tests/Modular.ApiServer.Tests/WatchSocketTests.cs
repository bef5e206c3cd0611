using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace Modular.ApiServer.Tests;

/// <summary>Watches over a WebSocket.</summary>
public sealed class WatchSocketTests
{
    private const string Path = "/apis/example.com/v1/widgets?watch=true";

    [Fact]
    public async Task Each_event_is_a_message()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await OpenAsync(server, Path + "&allowWatchBookmarks=true");
        server.Pipeline.Watch.Send(
            new(WatchEventType.Added, Widgets.Make("a", 5)), new(WatchEventType.Modified, Widgets.Make("a", 6)), new(WatchEventType.Deleted, Widgets.Make("a", 5).At(7)));
        server.Pipeline.Watch.Send(new WatchEvent(WatchEventType.Bookmark, Widgets.Make("", 9)));

        foreach (var expected in (string[])["ADDED 5", "MODIFIED 6", "DELETED 7", "BOOKMARK 9"])
        {
            var (type, message) = await ReadAsync(socket);
            Assert.Equal((WebSocketMessageType.Text, expected), (type, $"{message["type"]} {message["object"]!["metadata"]!["resourceVersion"]}"));
        }

        server.Pipeline.Watch.End();
        Assert.Equal(WebSocketMessageType.Close, (await ReadAsync(socket)).Type);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestServer.Cancel);
        await server.Pipeline.Watch.Disposed.Task.WaitAsync(TestServer.Cancel);
    }

    [Fact]
    public async Task A_failure_on_the_way_is_the_last_message()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await OpenAsync(server, Path);
        server.Pipeline.Watch.End(new ApiException(StatusReason.Expired, "too old resource version"));

        var (_, message) = await ReadAsync(socket);

        Assert.Equal(("ERROR", "Expired", 410L), (message.GetString("type"), message.GetString("object.reason"), message.GetInt64("object.code")));
        Assert.Equal(WebSocketMessageType.Close, (await ReadAsync(socket)).Type);
    }

    [Fact]
    public async Task A_watch_that_cannot_begin_is_no_socket()
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.Failure = new ApiException(StatusReason.Expired, "too old resource version: 1 (5)");
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address(server, Path), TestServer.Cancel));

        Assert.Equal(410, (int)socket.HttpStatusCode);
    }

    [Fact]
    public async Task Time_out_ends_it_cleanly()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await OpenAsync(server, Path + "&timeoutSeconds=20");
        server.Pipeline.Watch.Send(new WatchEvent(WatchEventType.Added, Widgets.Make("a", 5)));
        Assert.Equal(WebSocketMessageType.Text, (await ReadAsync(socket)).Type);

        server.Time.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal(WebSocketMessageType.Close, (await ReadAsync(socket)).Type);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestServer.Cancel);
        await server.Pipeline.Watch.Disposed.Task.WaitAsync(TestServer.Cancel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_ends_its_session(bool says)
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await OpenAsync(server, Path);

        // What a client says before means nothing.
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestServer.Cancel);
        if (says)
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestServer.Cancel);
        }
        else
        {
            socket.Abort();
        }

        await server.Pipeline.Watch.Disposed.Task.WaitAsync(TestServer.Cancel);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_is_let_go_when_its_time_is_over()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await OpenAsync(server, Path + "&timeoutSeconds=20");
        for (var i = 0; i < 2000; i++)
        {
            server.Pipeline.Watch.Send(new WatchEvent(WatchEventType.Added, new ApiObject(Widgets.Definition.Kind, ObjectEncoding.Encode(Large), 5)));
        }

        server.Time.Advance(TimeSpan.FromSeconds(21));

        await server.Pipeline.Watch.Disposed.Task.WaitAsync(TestServer.Cancel);
    }

    [Fact]
    public async Task Protobuf_is_binary_and_has_no_length_in_front()
    {
        await using var server = await TestServer.StartAsync();
        server.Registry.Set(Gadgets.Definition);
        using var socket = await OpenAsync(server, "/apis/example.com/v1/gadgets?watch=true", ProtobufFormat.MediaType);
        server.Pipeline.Watch.Send(new WatchEvent(WatchEventType.Added, Gadgets.Make("a", 5)));
        var buffer = new byte[4096];

        var received = await socket.ReceiveAsync(buffer.AsMemory(), TestServer.Cancel);

        Assert.Equal((WebSocketMessageType.Binary, true), (received.MessageType, received.EndOfMessage));
        // The event's first field is its type.
        Assert.Equal("\n\u0005ADDED"u8, buffer.AsSpan(0, 7));
    }

    [Fact]
    public async Task The_first_protocol_proposed_is_the_one_spoken()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("binary.k8s.io");
        socket.Options.AddSubProtocol("other");

        await socket.ConnectAsync(Address(server, Path), TestServer.Cancel);

        Assert.Equal("binary.k8s.io", socket.SubProtocol);
    }

    private static JsonObject Large => new()
    {
        ["apiVersion"] = "example.com/v1",
        ["kind"] = "Widget",
        ["metadata"] = new JsonObject { ["name"] = "a", ["annotations"] = new JsonObject { ["a"] = new string('x', 50_000) } },
    };

    private static Uri Address(TestServer server, string path) => new UriBuilder(new Uri(server.Client.BaseAddress!, path)) { Scheme = "ws" }.Uri;

    private static async Task<ClientWebSocket> OpenAsync(TestServer server, string path, string accept = "application/json")
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Accept", accept);
        await socket.ConnectAsync(Address(server, path), TestServer.Cancel);
        return socket;
    }

    private static async Task<(WebSocketMessageType Type, JsonObject Message)> ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[16 * 1024];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), TestServer.Cancel);
        Assert.True(received.EndOfMessage);
        return (received.MessageType, received.MessageType == WebSocketMessageType.Close ? [] : JsonNode.Parse(buffer.AsSpan(0, received.Count))!.AsObject());
    }
}
