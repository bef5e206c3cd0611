using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Modular.Models;
using Modular.Plugins.NodeAgent.PortForward.Spdy;

namespace Modular.Plugins.NodeAgent.Tests;

/// <summary>Ports of a pod in the three ways that clients ask for them, frame by frame.</summary>
public sealed class PortForwardTests : IAsyncLifetime
{
    private const string Tunnel = "SPDY/3.1+portforward.k8s.io";

    private readonly AgentFixture _fixture = new();
    private readonly List<IDisposable> _connections = [];
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly TcpListener _listener = new(IPAddress.Parse("127.64.0.1"), 0);
    private EndpointServer? _server;

    private CancellationToken Token => _limit.Token;

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask InitializeAsync()
    {
        _limit.CancelAfter(TimeSpan.FromMinutes(1));
        _server = await EndpointServer.StartAsync(_fixture, Token);
        await _fixture.UntilReadyAsync(_fixture.Bind("web"));
        Assert.Equal("127.64.0.1", Assert.Single(_fixture.Runtime.Sandbox("web").Addresses));
        _listener.Start();
    }

    public async ValueTask DisposeAsync()
    {
        _connections.ForEach(connection => connection.Dispose());
        _listener.Dispose();
        await _server!.DisposeAsync();
        await _fixture.DisposeAsync();
        _limit.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_carries_bytes_both_ways_and_the_end_of_each_side(bool tunnelled)
    {
        var client = await DialAsync(tunnelled);
        await ConnectAsync(client, 1);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
        await client.SendDataAsync(3, "question"u8.ToArray(), finish: true, Token);

        // The pod reads to the end before it answers: the client's half is closed by then.
        using var reader = new StreamReader(pod.GetStream());
        Assert.Equal("question", await reader.ReadToEndAsync(Token));
        await pod.GetStream().WriteAsync("answer"u8.ToArray(), Token);
        pod.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal("answer", await ReadToEndAsync(client, 3));
        var end = await client.ReadAsync(Token);
        Assert.Equal((1u, true, ""), (end!.Stream, end.Finish, end.Text));
    }

    [Fact]
    public async Task What_the_pod_says_after_the_client_ended_and_the_other_way_round_arrives()
    {
        var client = await DialAsync();
        await ConnectAsync(client, 1);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
        using var reader = new StreamReader(pod.GetStream());
        pod.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal("", await ReadToEndAsync(client, 3));
        await client.SendDataAsync(3, "still"u8.ToArray(), finish: false, Token);
        await client.SendDataAsync(3, " here"u8.ToArray(), finish: true, Token);
        Assert.Equal("still here", await reader.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task Connections_share_a_session()
    {
        var client = await DialAsync();
        var pods = new List<TcpClient>();
        for (uint stream = 1; stream <= 9; stream += 4)
        {
            await ConnectAsync(client, stream);
            pods.Add(await _listener.AcceptTcpClientAsync(Token));
            _connections.Add(pods[^1]);
        }

        for (var index = pods.Count - 1; index >= 0; index--)
        {
            await client.SendDataAsync((uint)(3 + (4 * index)), Encoding.ASCII.GetBytes($"{index}"), finish: false, Token);
            var buffer = new byte[1];
            await pods[index].GetStream().ReadExactlyAsync(buffer, Token);
            Assert.Equal('0' + index, buffer[0]);
            await pods[index].GetStream().WriteAsync(buffer, Token);
            var echo = await client.ReadAsync(Token);
            Assert.Equal(((uint)(3 + (4 * index)), $"{index}"), (echo!.Stream, echo.Text));
        }

        // One that is cut leaves the others alone.
        await client.ResetAsync(3, Token);
        Assert.Equal(0, await pods[0].GetStream().ReadAsync(new byte[1], Token));
        await client.SendDataAsync(7, "on"u8.ToArray(), finish: false, Token);
        await pods[1].GetStream().ReadExactlyAsync(new byte[2], Token);
    }

    [Fact]
    public async Task Much_data_passes_in_both_directions_at_once()
    {
        const int size = 8 * 1024 * 1024;
        var client = await DialAsync();
        await ConnectAsync(client, 1);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
        var echo = pod.GetStream().CopyToAsync(pod.GetStream(), Token);
        var sent = new byte[size];
        Random.Shared.NextBytes(sent);
        var sending = Task.Run(async () =>
        {
            // Frames as large as they come.
            await client.SendDataAsync(3, sent[..(size / 2)], finish: false, Token);
            await client.SendDataAsync(3, sent[(size / 2)..], finish: true, Token);
        }, Token);
        var received = new MemoryStream();
        while (received.Length < size)
        {
            var frame = await client.ReadAsync(Token);
            Assert.Equal(3u, frame!.Stream);
            received.Write(frame.Content);
        }

        await sending;
        await echo;
        Assert.True(sent.AsSpan().SequenceEqual(received.GetBuffer().AsSpan(0, size)));
    }

    [Fact]
    public async Task A_refused_port_is_reported_on_the_stream_of_errors()
    {
        _listener.Stop();
        var client = await DialAsync();
        await ConnectAsync(client, 1, port: 9);
        var error = await client.ReadAsync(Token);
        Assert.Equal(1u, error!.Stream);
        Assert.StartsWith("error forwarding port 9 to pod web: ", error.Text, StringComparison.Ordinal);
        Assert.Equal("", await ReadToEndAsync(client, 3));
        Assert.Equal("", await ReadToEndAsync(client, 1));
    }

    [Fact]
    public async Task A_session_ends_with_its_pod()
    {
        var client = await DialAsync();
        await ConnectAsync(client, 1);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
        _fixture.Delete(new(KubernetesResources.Pods, "default", "web"), grace: 0);
        Assert.Null(await client.ReadAsync(Token));
        Assert.Equal(0, await pod.GetStream().ReadAsync(new byte[1], Token));
    }

    [Fact]
    public async Task A_session_whose_agent_was_replaced_goes_on_and_ends_with_the_last_container()
    {
        var client = await DialAsync();
        await ConnectAsync(client, 1);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
        await _fixture.RetireAsync();
        await client.SendDataAsync(3, "on"u8.ToArray(), finish: false, Token);
        await pod.GetStream().ReadExactlyAsync(new byte[2], Token);
        _fixture.Runtime.End("web_main_0", 0);
        Assert.Null(await client.ReadAsync(Token));
    }

    [Fact]
    public async Task A_session_outlives_a_container_that_is_started_again()
    {
        var client = await DialAsync();
        _fixture.Runtime.End("web_main_0", 1);
        await _fixture.UntilAsync(() => _fixture.Runtime.Find("web_main_1") is { Phase: Modular.Abstractions.ContainerPhase.Running });
        await ConnectAsync(client, 1);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
    }

    [Fact]
    public async Task A_session_of_a_client_that_vanishes_lets_go_of_the_pod()
    {
        var client = await DialAsync();
        await ConnectAsync(client, 1);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
        _connections[0].Dispose();
        Assert.Equal(0, await pod.GetStream().ReadAsync(new byte[1], Token));
    }

    [Fact]
    public async Task Pings_are_answered_and_what_is_not_used_is_passed_over()
    {
        var client = await DialAsync();
        await client.SendAsync(4, 0, SpdyClient.Numbers(1, 7, 65536), Token);
        await client.SendAsync(9, 0, SpdyClient.Numbers(0, 65536), Token);
        await client.SendAsync(77, 0, [1, 2, 3], Token);
        await client.SendAsync(3, 0, SpdyClient.Numbers(99, 1), Token);
        await client.SendDataAsync(99, "lost"u8.ToArray(), finish: true, Token);
        await client.SendAsync(6, 0, SpdyClient.Numbers(2), Token);
        await client.SendAsync(6, 0, SpdyClient.Numbers(5), Token);
        var answer = await client.ReadAsync(Token);
        Assert.Equal((6, 5u), (answer!.Type, answer.Stream));
    }

    [Theory]
    [InlineData("streamtype", "odd")]
    [InlineData("port", "0")]
    [InlineData("port", "70000")]
    [InlineData("port", "http")]
    [InlineData("requestid", null)]
    public async Task A_stream_that_names_no_port_is_refused_and_the_session_goes_on(string header, string? value)
    {
        var client = await DialAsync();
        var headers = new Dictionary<string, string> { ["streamtype"] = "error", ["port"] = $"{Port}", ["requestid"] = "0" };
        headers.Remove(header);
        if (value is not null)
        {
            headers[header] = value;
        }

        await client.OpenAsync(1, headers, Token);
        var refusal = await client.ReadAsync(Token);
        Assert.Equal((3, 1u), (refusal!.Type, refusal.Stream));
        await ConnectAsync(client, 3);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
    }

    [Fact]
    public async Task A_peer_may_not_open_streams_without_end()
    {
        var client = await DialAsync();
        var refused = 0u;
        for (uint stream = 1; refused == 0; stream += 2)
        {
            await client.OpenAsync(stream, "error", Port, $"{stream}", Token);
            var answer = await client.ReadAsync(Token);
            refused = answer!.Type == 3 ? stream : 0;
        }

        Assert.Equal(2049u, refused);

        // One that was closed makes room.
        await client.ResetAsync(1, Token);
        await client.OpenAsync(refused + 2, "data", Port, "3", Token);
        Assert.Equal(2, (await client.ReadAsync(Token))!.Type);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
    }

    public static TheoryData<byte[]> Nonsense => new(
        [0x80, 2, 0, 1, 0, 0, 0, 0],
        [0x80, 3, 0, 1, 0, 0, 0, 0],
        [0x80, 3, 0, 1, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        [0x80, 3, 0, 1, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF],
        [0x80, 3, 0, 1, 0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x78, 0xBB, 1, 2, 3, 4],
        [0x80, 3, 0, 3, 0, 0, 0, 2, 0, 0],
        [0x80, 3, 0, 4, 0, 0xFF, 0xFF, 0xFF, .. new byte[1 << 16]],
        [0x80, 3, 0, 6, 0, 0, 0, 0],
        [0x80, 3, 0, 8, 0, 0, 0, 0],
        Bomb());

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Who_breaks_the_protocol_is_sent_away(byte[] bytes)
    {
        var transport = await TunnelAsync();
        await transport.WriteAsync(bytes, Token);
        var client = new SpdyClient(transport);
        var last = await client.ReadAsync(Token);
        if (last is { Type: 7 })
        {
            last = await client.ReadAsync(Token);
        }

        Assert.Null(last);
    }

    [Fact]
    public async Task Random_bytes_break_nothing()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            await using var transport = await TunnelAsync();
            var frames = new byte[random.Next(1, 400)];
            random.NextBytes(frames);
            (frames[0], frames[^1]) = (0x80, 3);
            if (frames.Length > 8)
            {
                (frames[1], frames[2], frames[3], frames[5], frames[6]) = (3, 0, (byte)random.Next(1, 10), 0, 0);
            }

            await transport.WriteAsync(frames, Token);
        }

        await ConnectAsync(await DialAsync(), 1);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
    }

    [Fact]
    public void Blocks_of_headers_that_are_none_are_refused()
    {
        var random = new Random(11);
        for (var round = 0; round < 20_000; round++)
        {
            var block = new byte[random.Next(1, 200)];
            random.NextBytes(block);
            if (round % 2 == 0 && block.Length > 6)
            {
                // As far as the dictionary it looks like one.
                byte[] start = [0x78, 0xBB, 0xE3, 0xC6, 0xA7, 0xC2];
                start.CopyTo(block, 0);
            }

            try
            {
                new SpdyHeaderReader().Read(block, 0, block.Length);
            }
            catch (SpdyException)
            {
                // The only way to fail.
            }
        }
    }

    [Fact]
    public async Task Channels_of_a_web_socket_begin_with_their_port()
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("v4.channel.k8s.io");
        await socket.ConnectAsync(new UriBuilder(_server!.Address) { Scheme = "ws", Path = "/portForward/default/web", Query = $"port={Port}&port=9" }.Uri, Token);
        var (low, high) = ((byte)Port, (byte)(Port >> 8));
        byte[][] numbers = [[0, low, high], [1, low, high], [2, 9, 0], [3, 9, 0]];
        foreach (var number in numbers)
        {
            Assert.Equal(number, await MessageAsync(socket));
        }

        var error = await MessageAsync(socket);
        Assert.Equal(3, error![0]);
        Assert.StartsWith("error forwarding port 9 to pod web: ", Encoding.UTF8.GetString(error, 1, error.Length - 1), StringComparison.Ordinal);
        using var pod = await _listener.AcceptTcpClientAsync(Token);
        await socket.SendAsync("\0ping"u8.ToArray(), WebSocketMessageType.Binary, true, Token);
        await socket.SendAsync("\u0063nobody"u8.ToArray(), WebSocketMessageType.Binary, true, Token);
        var buffer = new byte[4];
        await pod.GetStream().ReadExactlyAsync(buffer, Token);
        await pod.GetStream().WriteAsync(buffer, Token);
        Assert.Equal("\0ping", Encoding.UTF8.GetString((await MessageAsync(socket))!));
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", Token);
        Assert.Equal(0, await pod.GetStream().ReadAsync(buffer, Token));
    }

    [Theory]
    [InlineData("/portForward/default/other", 404)]
    [InlineData("/portForward/default/web", 400)]
    public async Task Wrong_requests_are_answered_with_a_status(string path, int code)
    {
        using var client = new HttpClient();
        using var response = await client.PostAsync(new Uri(_server!.Address, path), null, Token);
        Assert.Equal(code, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("", "v4.channel.k8s.io", 400)]
    [InlineData("?port=0", "v4.channel.k8s.io", 400)]
    [InlineData("?port=80,x", "v4.channel.k8s.io", 400)]
    [InlineData("?port=80", "v9.channel.k8s.io", 400)]
    [InlineData("?port=80,81", "v4.channel.k8s.io", 101)]
    public async Task Ports_are_numbers(string query, string protocol, int code) =>
        Assert.StartsWith($"HTTP/1.1 {code} ", (await UpgradeAsync("GET", query, "websocket", $"Sec-WebSocket-Protocol: {protocol}")).Answer, StringComparison.Ordinal);

    [Fact]
    public async Task The_protocol_over_SPDY_is_agreed_on()
    {
        Assert.StartsWith("HTTP/1.1 403 ", (await UpgradeAsync("POST", "", "SPDY/3.1", "X-Stream-Protocol-Version: v9.portforward.k8s.io")).Answer, StringComparison.Ordinal);
        var (answer, _) = await UpgradeAsync("POST", "", "SPDY/3.1", "X-Stream-Protocol-Version: portforward.k8s.io");
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        Assert.Contains("Upgrade: SPDY/3.1\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("X-Stream-Protocol-Version: portforward.k8s.io\r\n", answer, StringComparison.Ordinal);
    }

    /// <summary>A frame whose headers would unfold to a megabyte.</summary>
    private static byte[] Bomb()
    {
        var content = new MemoryStream();
        using (var compressed = new System.IO.Compression.ZLibStream(content, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true))
        {
            compressed.Write(new byte[1 << 20]);
        }

        var block = content.ToArray();
        var length = 10 + block.Length;
        return [0x80, 3, 0, 1, 0, 0, (byte)(length >> 8), (byte)length, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. block];
    }

    private static async Task<byte[]?> MessageAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return received.MessageType == WebSocketMessageType.Close ? null : buffer[..received.Count];
    }

    private async Task ConnectAsync(SpdyClient client, uint stream, int? port = null)
    {
        await client.OpenAsync(stream, "error", port ?? Port, $"{stream}", Token);
        await client.OpenAsync(stream + 2, "data", port ?? Port, $"{stream}", Token);
        for (var answered = stream; answered <= stream + 2; answered += 2)
        {
            var answer = await client.ReadAsync(Token);
            Assert.Equal((2, answered), (answer!.Type, answer.Stream));
        }
    }

    private async Task<string> ReadToEndAsync(SpdyClient client, uint stream)
    {
        var text = new StringBuilder();
        while (await client.ReadAsync(Token) is { } frame)
        {
            Assert.Equal(stream, frame.Stream);
            text.Append(frame.Text);
            if (frame.Finish)
            {
                return text.ToString();
            }
        }

        throw new EndOfStreamException();
    }

    private async Task<SpdyClient> DialAsync(bool tunnelled = true) => new(
        tunnelled ? await TunnelAsync() : (await UpgradeAsync("POST", "", "SPDY/3.1", "X-Stream-Protocol-Version: portforward.k8s.io")).Transport);

    private async Task<Stream> TunnelAsync()
    {
        // The protocol's name is none that ClientWebSocket would ask for.
        var (answer, transport) = await UpgradeAsync("GET", "", "websocket", $"Sec-WebSocket-Protocol: {Tunnel}");
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        Assert.Contains($"Sec-WebSocket-Protocol: {Tunnel}\r\n", answer, StringComparison.Ordinal);
        return WebSocketStream.Create(WebSocket.CreateFromStream(transport, new WebSocketCreationOptions()), WebSocketMessageType.Binary, ownsWebSocket: true);
    }

    private async Task<(string Answer, Stream Transport)> UpgradeAsync(string method, string query, string protocol, string header)
    {
        var connection = new TcpClient();
        _connections.Add(connection);
        await connection.ConnectAsync(_server!.Address.Host, _server.Address.Port, Token);
        var transport = connection.GetStream();
        var request = $"{method} /portForward/default/web{query} HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{header}\r\nContent-Length: 0\r\n\r\n";
        await transport.WriteAsync(Encoding.ASCII.GetBytes(request), Token);
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await transport.ReadExactlyAsync(one, Token);
            answer.Append((char)one[0]);
        }

        return (answer.ToString(), transport);
    }
}
