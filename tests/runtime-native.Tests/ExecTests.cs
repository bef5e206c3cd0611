using System.IO.Pipelines;
using System.Text;
using Modular.Abstractions;
using Modular.RuntimeNative.Protocol;

namespace Modular.Plugins.RuntimeNative.Tests;

public sealed class ExecTests : IAsyncLifetime
{
    private readonly SupervisorFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Input_output_errors_and_exit_code_pass()
    {
        var id = await _fixture.StartAsync("sleep 1000", environment: list => list.Add(new("NAME", "value")));
        await using var session = await _fixture.Runtime.ExecAsync(
            new ExecRequest { ContainerId = id, Command = ["sh", "-c", "wc -c; echo $NAME >&2; exit 12"], Stdin = true }, Token);
        var sending = Task.Run(async () =>
        {
            await session.Input!.WriteAsync(new byte[300_000], Token);
            await session.Input.CompleteAsync();
        }, Token);
        Assert.Equal("300000", (await ReadAsync(session.Output)).Trim());
        Assert.Equal("value", (await ReadAsync(session.Error!)).Trim());
        Assert.Equal(12, await session.Completion);
        await sending;
    }

    [Fact]
    public async Task A_terminal_is_a_terminal()
    {
        var id = await _fixture.StartAsync("sleep 1000");
        await using var session = await _fixture.Runtime.ExecAsync(
            new ExecRequest { ContainerId = id, Command = ["sh", "-c", "test -t 0 && read go && stty size"], Stdin = true, Tty = true }, Token);
        await session.ResizeAsync(100, 40, Token);
        await session.Input!.WriteAsync("go\n"u8.ToArray(), Token);
        Assert.Contains("40 100", await ReadAsync(session.Output), StringComparison.Ordinal);
        Assert.Equal(0, await session.Completion);
    }

    [Fact]
    public async Task A_command_ends_with_its_client()
    {
        var id = await _fixture.StartAsync("sleep 1000");
        var session = await _fixture.Runtime.ExecAsync(
            new ExecRequest { ContainerId = id, Command = ["sh", "-c", "echo $$; exec sleep 1000"] }, Token);
        var process = await ReadIdentityAsync(session);
        await session.DisposeAsync();
        await SupervisorFixture.WaitDeadAsync(process);
    }

    [Fact]
    public async Task A_command_that_does_not_read_its_input_ends_with_its_client()
    {
        var id = await _fixture.StartAsync("sleep 1000");
        var session = await _fixture.Runtime.ExecAsync(
            new ExecRequest { ContainerId = id, Command = ["sh", "-c", "echo $$; exec sleep 1000"], Stdin = true }, Token);
        var process = await ReadIdentityAsync(session);
        // More than the command's pipe holds, and little enough that all of it is sent when this returns.
        await session.Input!.WriteAsync(new byte[96 * 1024], Token);
        await session.DisposeAsync();
        await SupervisorFixture.WaitDeadAsync(process);
    }

    [Fact]
    public async Task What_a_command_leaves_behind_keeps_nothing_of_its_client_open()
    {
        var id = await _fixture.StartAsync("sleep 1000");
        var streams = _fixture.SupervisorStreams;
        foreach (var tty in (bool[])[false, true])
        {
            var session = await _fixture.Runtime.ExecAsync(
                new ExecRequest { ContainerId = id, Command = ["sh", "-c", "trap '' HUP; sleep 1000 & echo $!"], Stdin = true, Tty = tty }, Token);
            var left = await ReadIdentityAsync(session);
            await session.DisposeAsync();
            await SupervisorFixture.UntilAsync(() => _fixture.SupervisorStreams <= streams);
            Assert.True(left.IsAlive || tty, "a command in the background goes on until its container ends");
        }
    }

    [Fact]
    public async Task Only_running_containers_take_commands()
    {
        var id = await _fixture.StartAsync("exit 0");
        await _fixture.WaitExitAsync(id);
        var error = await Assert.ThrowsAsync<RuntimeException>(
            async () => await _fixture.Runtime.ExecAsync(new ExecRequest { ContainerId = id, Command = ["true"] }, Token));
        Assert.Equal("NotFound", error.Reason);
    }

    /// <summary>The process whose pid the command says first.</summary>
    private static async Task<ProcessIdentity> ReadIdentityAsync(IContainerSession session)
    {
        var line = await session.Output.ReadAsync(Token);
        var pid = int.Parse(Encoding.ASCII.GetString(line.Buffer.FirstSpan).Trim(), System.Globalization.CultureInfo.InvariantCulture);
        return SupervisorFixture.Identity(pid)!.Value;
    }

    private static async Task<string> ReadAsync(PipeReader reader)
    {
        using var text = new StreamReader(reader.AsStream());
        return await text.ReadToEndAsync();
    }
}
