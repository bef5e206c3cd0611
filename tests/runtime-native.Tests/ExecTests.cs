using System.IO.Pipelines;
using System.Text;
using Modular.Abstractions;

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
        var line = await session.Output.ReadAsync(Token);
        var pid = int.Parse(Encoding.ASCII.GetString(line.Buffer.FirstSpan).Trim(), System.Globalization.CultureInfo.InvariantCulture);
        var process = SupervisorFixture.Identity(pid)!.Value;
        await session.DisposeAsync();
        await SupervisorFixture.WaitDeadAsync(process);
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

    private static async Task<string> ReadAsync(PipeReader reader)
    {
        using var text = new StreamReader(reader.AsStream());
        return await text.ReadToEndAsync();
    }
}
