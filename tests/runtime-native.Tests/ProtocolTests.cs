using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.Plugins.RuntimeNative.Tests;

/// <summary>The socket as somebody else's program would use it.</summary>
public sealed class ProtocolTests : IAsyncLifetime
{
    private readonly SupervisorFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task What_is_left_out_of_a_request_has_its_default()
    {
        await _fixture.Runtime.GetInfoAsync(Token);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_fixture.State, "supervisor.sock")), Token);
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        var log = _fixture.LogPath("bare");
        foreach (var request in new[]
        {
            """{"id":1,"operation":"ensureSandbox","sandbox":{"id":"s"}}""",
            """{"id":2,"operation":"ensureContainer","container":{"id":"bare","sandboxId":"s","name":"c","arguments":["/bin/pwd"],"logPath":"LOG"}}""".Replace("LOG", log, StringComparison.Ordinal),
            """{"id":3,"operation":"startContainer","target":"bare"}""",
        })
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(request + "\n"), Token);
            var response = JsonNode.Parse((await reader.ReadLineAsync(Token))!)!;
            Assert.Null(response["error"]);
        }

        Assert.Equal(0, (await _fixture.WaitExitAsync("bare")).ExitCode);
        Assert.EndsWith(" stdout F /", (await File.ReadAllTextAsync(log, Token)).TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_owner_may_connect()
    {
        await _fixture.Runtime.GetInfoAsync(Token);
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(owner, File.GetUnixFileMode(Path.Combine(_fixture.State, "supervisor.sock")));
    }
}
