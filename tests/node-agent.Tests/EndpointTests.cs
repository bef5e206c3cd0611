using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Modular.Abstractions;

namespace Modular.Plugins.NodeAgent.Tests;

/// <summary>The endpoint behind a true Kestrel, as a client meets it.</summary>
public sealed class EndpointTests : IAsyncLifetime
{
    private readonly AgentFixture _fixture = new();
    private EndpointServer? _server;
    private HttpClient? _client;
    private string _logs = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await EndpointServer.StartAsync(_fixture, Token);
        _client = new HttpClient { BaseAddress = _server.Address };
        await _fixture.UntilReadyAsync(_fixture.Bind("web"));
        _logs = _fixture.Runtime.Specs["web_main_0"].LogPath;
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await _fixture.DisposeAsync();
    }

    [Theory]
    [InlineData("", "one\ntwo half and half\noops\nlast\n")]
    [InlineData("?tailLines=2", "oops\nlast\n")]
    [InlineData("?tailLines=3", "two half and half\noops\nlast\n")]
    [InlineData("?tailLines=0", "")]
    [InlineData("?tailLines=99", "one\ntwo half and half\noops\nlast\n")]
    [InlineData("?tailLines=2&stream=Stdout", "two half and half\nlast\n")]
    [InlineData("?limitBytes=6", "one\ntw")]
    [InlineData("?stream=Stderr", "oops\n")]
    [InlineData("?sinceTime=2030-01-01T00:00:03Z", "oops\nlast\n")]
    [InlineData("?timestamps=true&tailLines=1", "2030-01-01T00:00:04.000000000Z last\n")]
    [InlineData("?timestamps=true&tailLines=3&limitBytes=49", "2030-01-01T00:00:02.000000000Z two half and half\n")]
    public async Task Logs_are_what_was_asked_for(string query, string expected)
    {
        await File.WriteAllTextAsync(
            _logs,
            """
            2030-01-01T00:00:01.000000000Z stdout F one
            2030-01-01T00:00:02.000000000Z stdout P two half
            2030-01-01T00:00:02.000000000Z stdout F  and half
            2030-01-01T00:00:03.000000000Z stderr F oops
            2030-01-01T00:00:04.000000000Z stdout F last

            """,
            Token);
        Assert.Equal(expected, await _client!.GetStringAsync($"/containerLogs/default/web/main{query}", Token));
    }

    [Theory]
    [InlineData("", "one\ntwo half and half\noops\nlast\n")]
    [InlineData("?tailLines=1", "last\n")]
    [InlineData("?tailLines=2", "oops\nlast\n")]
    [InlineData("?tailLines=3", "two half and half\noops\nlast\n")]
    [InlineData("?tailLines=2&stream=Stdout", "two half and half\nlast\n")]
    [InlineData("?sinceTime=2030-01-01T00:00:02Z", "two half and half\noops\nlast\n")]
    [InlineData("?limitBytes=6", "one\ntw")]
    public async Task What_was_rotated_out_of_a_log_is_part_of_it(string query, string expected)
    {
        // The tenth file comes after the ninth.
        await File.WriteAllTextAsync(_logs + ".9", "2030-01-01T00:00:01.000000000Z stdout F one\n2030-01-01T00:00:02.000000000Z stdout P two half\n", Token);
        await File.WriteAllTextAsync(_logs + ".10", "2030-01-01T00:00:02.000000000Z stdout F  and half\n2030-01-01T00:00:03.000000000Z stderr F oops\n", Token);
        await File.WriteAllTextAsync(_logs, "2030-01-01T00:00:04.000000000Z stdout F last\n", Token);
        Assert.Equal(expected, await _client!.GetStringAsync($"/containerLogs/default/web/main{query}", Token));
    }

    [Fact]
    public async Task A_follower_goes_on_across_rotations()
    {
        const int rotations = 7;
        await File.WriteAllTextAsync(_logs, "2030-01-01T00:00:01.000000000Z stdout F 0\n", Token);
        await using var stream = await _client!.GetStreamAsync("/containerLogs/default/web/main?follow=true", Token);
        using var reader = new StreamReader(stream);
        Assert.Equal("0", await reader.ReadLineAsync(Token));
        for (var number = 1; number < rotations; number++)
        {
            // Written just before the rotation, and just after.
            await File.AppendAllTextAsync(_logs, $"2030-01-01T00:00:01.000000000Z stdout F {number} old\n", Token);
            Rotate(number);
            await File.AppendAllTextAsync(_logs, $"2030-01-01T00:00:01.000000000Z stdout F {number} new\n", Token);
            if (number % 2 == 0)
            {
                // Two rotations at once are two as well.
                Assert.Equal([$"{number - 1} old", $"{number - 1} new", $"{number} old", $"{number} new"], await LinesAsync(reader, 4));
            }
        }

        _fixture.Runtime.End("web_main_0", 0);
        Assert.Null(await reader.ReadLineAsync(Token));

        void Rotate(int number)
        {
            File.WriteAllText(_logs + ".new", "");
            using (var link = System.Diagnostics.Process.Start("/bin/ln", [_logs, $"{_logs}.{number}"]))
            {
                link.WaitForExit();
            }

            File.Move(_logs + ".new", _logs, overwrite: true);
        }
    }

    [Fact]
    public async Task What_was_rotated_goes_with_its_container()
    {
        await File.WriteAllTextAsync(_logs, "", Token);
        await File.WriteAllTextAsync(_logs + ".1", "", Token);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            _fixture.Runtime.End($"web_main_{attempt}", 1);
            await _fixture.AdvanceUntilAsync(() => _fixture.Runtime.Find($"web_main_{attempt + 1}") is { Phase: ContainerPhase.Running });
        }

        await _fixture.UntilAsync(() => !File.Exists(_logs) && !File.Exists(_logs + ".1"));
    }

    private static async Task<IReadOnlyList<string?>> LinesAsync(StreamReader reader, int count)
    {
        var lines = new List<string?>();
        while (lines.Count < count)
        {
            lines.Add(await reader.ReadLineAsync(Token));
        }

        return lines;
    }

    [Theory]
    [InlineData("/containerLogs/default/other/main", 404)]
    [InlineData("/containerLogs/default/web/other", 400)]
    [InlineData("/containerLogs/default/web/main?tailLines=x", 400)]
    [InlineData("/containerLogs/default/web/main?previous=true", 400)]
    [InlineData("/exec/default/web/main?command=true", 400)]
    [InlineData("/attach/default/web/main?stdout=true", 400)]
    [InlineData("/attach/default/web/other?stdout=true", 400)]
    [InlineData("/attach/default/other/main?stdout=true", 404)]
    [InlineData("/nothing", 404)]
    public async Task Wrong_questions_are_answered_with_a_status(string path, int code)
    {
        using var response = await _client!.GetAsync(path, Token);
        Assert.Equal(code, (int)response.StatusCode);
        Assert.Equal("Status", JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!["kind"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_container_that_does_not_run_is_named_before_the_missing_web_socket()
    {
        Assert.Contains("exec needs a WebSocket", await MessageAsync("web"), StringComparison.Ordinal);
        Assert.Contains("attach needs a WebSocket", await MessageAsync("web", "attach"), StringComparison.Ordinal);
        var pod = _fixture.Bind("job", """{"restartPolicy":"Never","containers":[{"name":"main","image":"modular"}]}""");
        await _fixture.UntilReadyAsync(pod);
        _fixture.Runtime.End("job_main_0", 1);
        await _fixture.UntilAsync(() => _fixture.Status(pod).Phase == "Failed");
        Assert.Equal("container main of pod job is not running", await MessageAsync("job"));
        Assert.Equal("container main of pod job is not running", await MessageAsync("job", "attach"));

        async Task<string> MessageAsync(string name, string verb = "exec")
        {
            using var response = await _client!.PostAsync($"/{verb}/default/{name}/main?command=true", null, Token);
            return JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!["message"]!.GetValue<string>();
        }
    }

    [Fact]
    public async Task The_log_before_a_restart_is_the_previous_one()
    {
        await File.WriteAllTextAsync(_logs, "2030-01-01T00:00:01.000000000Z stdout F before\n", Token);
        _fixture.Runtime.End("web_main_0", 1);
        await _fixture.UntilAsync(() => _fixture.Runtime.Find("web_main_1") is { Phase: ContainerPhase.Running });
        await File.WriteAllTextAsync(_fixture.Runtime.Specs["web_main_1"].LogPath, "2030-01-01T00:00:02.000000000Z stdout F after\n", Token);
        Assert.Equal("before\n", await _client!.GetStringAsync("/containerLogs/default/web/main?previous=true", Token));
        Assert.Equal("after\n", await _client.GetStringAsync("/containerLogs/default/web/main", Token));
    }

    [Fact]
    public async Task A_follower_gets_each_line_as_it_comes_and_ends_with_the_container()
    {
        await File.WriteAllTextAsync(_logs, "2030-01-01T00:00:01.000000000Z stdout F 1\n", Token);
        await using var stream = await _client!.GetStreamAsync("/containerLogs/default/web/main?follow=true", Token);
        using var reader = new StreamReader(stream);
        Assert.Equal("1", await reader.ReadLineAsync(Token));
        for (var number = 2; number < 50; number++)
        {
            await File.AppendAllTextAsync(_logs, $"2030-01-01T00:00:01.000000000Z stdout F {number}\n", Token);
            Assert.Equal($"{number}", await reader.ReadLineAsync(Token));
        }

        await File.AppendAllTextAsync(_logs, "2030-01-01T00:00:01.000000000Z stdout F end\n", Token);
        _fixture.Runtime.End("web_main_0", 0);
        Assert.Equal("end", await reader.ReadLineAsync(Token));
        Assert.Null(await reader.ReadLineAsync(Token));
    }

    [Theory]
    [InlineData("v5.channel.k8s.io")]
    [InlineData("v4.channel.k8s.io")]
    [InlineData("channel.k8s.io")]
    [InlineData("base64.channel.k8s.io")]
    public async Task Commands_answer_in_every_dialect(string dialect)
    {
        _fixture.Runtime.Exec = request => (3, $"ran {string.Join(' ', request.Command)}");
        var (channels, socket) = await RunAsync(dialect, "command=ls&command=-l&stdout=true&stderr=true");
        Assert.Equal(dialect, socket.SubProtocol);
        Assert.Equal("ran ls -l", channels[2]);
        if (dialect.StartsWith('v'))
        {
            var status = JsonNode.Parse(channels[3])!;
            Assert.Equal("NonZeroExitCode", status["reason"]!.GetValue<string>());
            Assert.Equal("ExitCode", status["details"]!["causes"]![0]!["reason"]!.GetValue<string>());
            Assert.Equal("3", status["details"]!["causes"]![0]!["message"]!.GetValue<string>());
        }
        else
        {
            Assert.Contains("exit status 3", channels[3], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Input_reaches_the_command_and_its_end_too()
    {
        var (channels, _) = await RunAsync("v5.channel.k8s.io", "command=cat&stdin=true&stdout=true", async socket =>
        {
            await socket.SendAsync("\0hello "u8.ToArray(), WebSocketMessageType.Binary, true, Token);
            await socket.SendAsync("\0world"u8.ToArray(), WebSocketMessageType.Binary, true, Token);
            await socket.SendAsync(new byte[] { 255, 0 }, WebSocketMessageType.Binary, true, Token);
        });
        Assert.Equal("hello world", channels[1]);
        Assert.Equal("Success", JsonNode.Parse(channels[3])!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Who_attaches_to_a_container_is_told_that_it_ended_and_not_how()
    {
        _fixture.Runtime.Attach = () => (3, "bye");
        var (channels, _) = await RunAsync(
            "v5.channel.k8s.io", "stdin=true&stdout=true&stderr=true",
            async socket =>
            {
                await socket.SendAsync("\0hello"u8.ToArray(), WebSocketMessageType.Binary, true, Token);
                await socket.SendAsync(new byte[] { 255, 0 }, WebSocketMessageType.Binary, true, Token);
            },
            "/attach/default/web/main");
        Assert.Equal(new AttachRequest { ContainerId = "web_main_0", Stdin = true }, Assert.Single(_fixture.Runtime.Attached));
        Assert.Equal(("hello", "bye"), (channels[1], channels[2]));
        Assert.Equal("Success", JsonNode.Parse(channels[3])!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Whether_there_is_a_terminal_is_up_to_the_container()
    {
        await _fixture.UntilReadyAsync(_fixture.Bind("box", """{"containers":[{"name":"main","image":"modular","stdin":true,"stdinOnce":true,"tty":true}]}"""));
        var spec = _fixture.Runtime.Specs["box_main_0"];
        Assert.Equal((true, true, true), (spec.Stdin, spec.StdinOnce, spec.Tty));
        _fixture.Runtime.Attach = () => (0, "screen");
        var (channels, _) = await RunAsync("v4.channel.k8s.io", "stdout=true&stderr=true", null, "/attach/default/box/main");
        Assert.Equal("screen", channels[1]);
        await RunAsync("v4.channel.k8s.io", "stdout=true&tty=true", null, "/attach/default/web/main");
        Assert.Equal(
            [new AttachRequest { ContainerId = "box_main_0", Tty = true }, new AttachRequest { ContainerId = "web_main_0" }], _fixture.Runtime.Attached);
    }

    [Fact]
    public async Task What_is_no_language_of_a_dialect_does_no_harm()
    {
        var (channels, _) = await RunAsync("v5.channel.k8s.io", "command=cat&stdin=true&stdout=true", async socket =>
        {
            foreach (var nonsense in (string[])["", "\u0004", "\u0004{", "\u0004null", "\u0004{\"Width\":\"x\"}", "\u0004{\"Width\":1e99,\"Height\":1}", "\u00ff", "\u0063x"])
            {
                await socket.SendAsync(Encoding.Latin1.GetBytes(nonsense), WebSocketMessageType.Binary, true, Token);
            }

            // One message in many parts, and larger than what is kept of one.
            var part = new byte[50_000];
            Array.Fill(part, (byte)'a');
            await socket.SendAsync("\0"u8.ToArray(), WebSocketMessageType.Binary, false, Token);
            await socket.SendAsync(part, WebSocketMessageType.Binary, false, Token);
            await socket.SendAsync("!"u8.ToArray(), WebSocketMessageType.Binary, true, Token);
            await socket.SendAsync(new byte[] { 255, 0 }, WebSocketMessageType.Binary, true, Token);
        });
        Assert.Equal(new string('a', 50_000) + "!", channels[1]);
    }

    [Fact]
    public async Task Health_is_ok() => Assert.Equal("ok", await _client!.GetStringAsync("/healthz", Token));

    private async Task<(Dictionary<int, string> Channels, ClientWebSocket Socket)> RunAsync(
        string dialect, string query, Func<ClientWebSocket, Task>? send = null, string path = "/exec/default/web/main")
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(dialect);
        var uri = new UriBuilder(_client!.BaseAddress!) { Scheme = "ws", Path = path, Query = query }.Uri;
        await socket.ConnectAsync(uri, Token);
        if (send is not null)
        {
            await send(socket);
        }

        var channels = new Dictionary<int, string>();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return (channels, socket);
            }

            Assert.True(received.EndOfMessage);
            var message = buffer.AsSpan(0, received.Count);
            var base64 = dialect.StartsWith("base64", StringComparison.Ordinal);
            var channel = base64 ? message[0] - '0' : message[0];
            var data = base64 ? Convert.FromBase64String(Encoding.ASCII.GetString(message[1..])) : message[1..].ToArray();
            channels[channel] = channels.GetValueOrDefault(channel, "") + Encoding.UTF8.GetString(data);
        }
    }
}
