using System.IO.Pipelines;
using System.Text;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeNative.Tests;

public sealed class AttachTests : IAsyncLifetime
{
    // What one client may lag behind, as the supervisor counts it.
    private const int MostWaiting = 8 << 20;

    private readonly SupervisorFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task What_a_container_writes_from_now_on_comes_by_its_streams_and_the_exit_code_last()
    {
        var id = await StartAsync("echo before; read go; echo out; echo err >&2; exit 12", spec => spec with { Stdin = true });
        await SupervisorFixture.WaitForFileAsync(_fixture.LogPath(id));
        await using var session = await AttachAsync(id, stdin: true);
        await session.Input!.WriteAsync("go\n"u8.ToArray(), Token);
        Assert.Equal(("out\n", "err\n"), (await ReadAsync(session.Output), await ReadAsync(session.Error!)));
        Assert.Equal(12, await session.Completion);
        Assert.Equal(["err", "before", "out"], await LogAsync(id, "stderr", "stdout"));
    }

    [Fact]
    public async Task All_who_are_attached_hear_and_speak()
    {
        var id = await StartAsync("while read line; do echo got $line; done; echo closed", spec => spec with { Stdin = true });
        await using var first = await AttachAsync(id, stdin: true);
        await using var second = await AttachAsync(id, stdin: true);
        await first.Input!.WriteAsync("one\n"u8.ToArray(), Token);
        await UntilAsync(first, "got one\n");
        await UntilAsync(second, "got one\n");
        // One leaves, the other's input ends: the container's stays open for whoever comes next.
        await first.DisposeAsync();
        await second.Input!.WriteAsync("two\n"u8.ToArray(), Token);
        await UntilAsync(second, "got two\n");
        await second.Input.CompleteAsync();
        Assert.Equal(0, await second.Completion);
        await using var third = await AttachAsync(id, stdin: true);
        await third.Input!.WriteAsync("three\n"u8.ToArray(), Token);
        await UntilAsync(third, "got three\n");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_input_for_once_ends_with_the_first_that_gives_one(bool orderly)
    {
        var id = await StartAsync("cat; echo end; read more || exec sleep 1000", spec => spec with { Stdin = true, StdinOnce = true });
        await using var looking = await AttachAsync(id, stdin: false);
        await (await AttachAsync(id, stdin: false)).DisposeAsync();
        var session = await AttachAsync(id, stdin: true);
        await session.Input!.WriteAsync("in\n"u8.ToArray(), Token);
        await UntilAsync(looking, "in\n");
        if (orderly)
        {
            await session.Input.CompleteAsync();
            await UntilAsync(session, "end\n");
        }

        await session.DisposeAsync();
        await UntilAsync(looking, "end\n");
        // There is none any more, and that harms nobody.
        await using var late = await AttachAsync(id, stdin: true);
        await late.Input!.WriteAsync("late\n"u8.ToArray(), Token);
        Assert.Equal(ContainerPhase.Running, (await _fixture.FindAsync(id)).Phase);
    }

    [Fact]
    public async Task Without_an_input_there_is_none_for_anybody()
    {
        var id = await StartAsync("cat; echo empty; exec sleep 1000");
        await SupervisorFixture.WaitForFileAsync(_fixture.LogPath(id));
        await using var session = await AttachAsync(id, stdin: true);
        await session.Input!.WriteAsync("in\n"u8.ToArray(), Token);
        await session.Input.CompleteAsync();
        await _fixture.Runtime.StopContainerAsync(id, TimeSpan.Zero, Token);
        Assert.Equal("", await ReadAsync(session.Output));
        Assert.Equal(137, await session.Completion);
    }

    [Fact]
    public async Task A_terminal_outlives_those_who_sit_at_it()
    {
        var id = await StartAsync("test -t 0 && test -t 2 && while read line; do echo $line $TERM $(stty size); done", spec => spec with { Stdin = true, StdinOnce = true, Tty = true });
        var first = await AttachAsync(id, stdin: true, tty: true);
        Assert.Null(first.Error);
        await first.ResizeAsync(100, 40, Token);
        await first.Input!.WriteAsync("one\n"u8.ToArray(), Token);
        await UntilAsync(first, "one xterm 40 100\r\n");
        await first.DisposeAsync();
        await using var second = await AttachAsync(id, stdin: true, tty: true);
        await second.Input!.WriteAsync("two\n"u8.ToArray(), Token);
        await UntilAsync(second, "two xterm 40 100\r\n");
        await second.Input.CompleteAsync();
        Assert.Equal(0, await second.Completion);
        // As it came, echo and carriage returns included.
        Assert.Equal(["one\r", "one xterm 40 100\r", "two\r", "two xterm 40 100\r"], await LogAsync(id, "stdout"));
    }

    [Fact]
    public async Task A_program_may_leave_its_terminal_and_come_back()
    {
        var id = await StartAsync(
            "exec </dev/null >/dev/null 2>&1; read line </dev/tty; echo back $line >/dev/tty; exit 3", spec => spec with { Stdin = true, Tty = true });
        await using var session = await AttachAsync(id, stdin: true, tty: true);
        await session.Input!.WriteAsync("again\n"u8.ToArray(), Token);
        Assert.EndsWith("back again\r\n", await ReadAsync(session.Output), StringComparison.Ordinal);
        Assert.Equal(3, await session.Completion);
    }

    [Fact]
    public async Task Who_does_not_read_is_let_go_and_nobody_waits_for_him()
    {
        const int length = 1024;
        const int lines = 2 * MostWaiting / length;
        var id = await StartAsync($"read go; yes $(printf %0{length}d 0) | head -n {lines}; echo done >&2; exec sleep 1000", spec => spec with { Stdin = true });
        await using var still = await AttachAsync(id, stdin: false);
        await using var watching = await AttachAsync(id, stdin: true);
        await watching.Input!.WriteAsync("go\n"u8.ToArray(), Token);
        // The container gets that far, though nobody takes what is before.
        await SupervisorFixture.UntilAsync(() => File.ReadLines(_fixture.LogPath(id)).LastOrDefault()?.EndsWith("stderr F done", StringComparison.Ordinal) == true);
        var lost = await Assert.ThrowsAsync<RuntimeException>(() => ReadAsync(still.Output));
        Assert.Equal("StreamLost", lost.Reason);
        Assert.Contains("see the log", lost.Message, StringComparison.Ordinal);
        Assert.Same(lost, await Assert.ThrowsAsync<RuntimeException>(() => still.Completion));
        Assert.Equal(lines, (await LogAsync(id, "stdout")).Count(line => line.Length == length));
        await using var next = await AttachAsync(id, stdin: false);
        Assert.Equal(ContainerPhase.Running, (await _fixture.FindAsync(id)).Phase);
    }

    [Fact]
    public async Task A_container_that_does_not_read_holds_up_its_client_only()
    {
        var id = await StartAsync("exec sleep 1000", spec => spec with { Stdin = true });
        var still = await AttachAsync(id, stdin: true);
        var sending = still.Input!.WriteAsync(new byte[4 << 20], Token).AsTask();
        var other = await StartAsync("cat", spec => spec with { Stdin = true, StdinOnce = true });
        await using (var session = await AttachAsync(other, stdin: true))
        {
            await session.Input!.WriteAsync("in\n"u8.ToArray(), Token);
            await session.Input.CompleteAsync();
            Assert.Equal("in\n", await ReadAsync(session.Output));
        }

        Assert.False(sending.IsCompleted);
        await still.DisposeAsync();
        await sending;
        Assert.Equal(ContainerPhase.Running, (await _fixture.FindAsync(id)).Phase);
    }

    [Fact]
    public async Task Hosts_may_go_and_the_next_attaches_again()
    {
        var id = await StartAsync("while read line; do echo got $line; done", spec => spec with { Stdin = true });
        var pid = (await _fixture.FindAsync(id)).Pid;
        var lost = await AttachAsync(id, stdin: true);
        await lost.DisposeAsync();
        _fixture.DropHosts();
        var runtime = _fixture.Connect();
        await using var session = await runtime.AttachAsync(new AttachRequest { ContainerId = id, Stdin = true }, Token);
        await session.Input!.WriteAsync("again\n"u8.ToArray(), Token);
        await UntilAsync(session, "got again\n");
        Assert.Equal(pid, (await runtime.ListAsync(Token)).Containers.Single().Pid);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_stays_open_of_those_who_came_and_of_containers_that_ended(bool tty)
    {
        await StartAsync("exec sleep 1000");
        var streams = _fixture.SupervisorStreams;
        var id = await StartAsync("read line; sleep 1000 & exit 4", spec => spec with { Stdin = true, Tty = tty });
        var with = _fixture.SupervisorStreams;
        for (var round = 0; round < 3; round++)
        {
            await (await AttachAsync(id, stdin: true, tty)).DisposeAsync();
        }

        await SupervisorFixture.UntilAsync(() => _fixture.SupervisorStreams <= with);
        await using (var last = await AttachAsync(id, stdin: true, tty))
        {
            await last.Input!.WriteAsync("\n"u8.ToArray(), Token);
            Assert.Equal(4, await last.Completion);
        }

        await SupervisorFixture.UntilAsync(() => _fixture.SupervisorStreams <= streams);
    }

    [Fact]
    public async Task A_container_that_can_not_be_started_leaves_nothing_open()
    {
        await StartAsync("exec sleep 1000");
        var streams = _fixture.SupervisorStreams;
        foreach (var tty in (bool[])[false, true])
        {
            var spec = await _fixture.SpecAsync() with { Command = ["/no/such/program"], Stdin = true, Tty = tty };
            await _fixture.Runtime.EnsureContainerAsync(spec, Token);
            await Assert.ThrowsAsync<RuntimeException>(async () => await _fixture.Runtime.StartContainerAsync(spec.Id, Token));
            Assert.Equal(streams, _fixture.SupervisorStreams);
        }
    }

    [Fact]
    public async Task Arguments_alone_are_a_command_of_the_machine()
    {
        var spec = await _fixture.SpecAsync() with { Args = ["sh", "-c", "exit 9"] };
        await _fixture.Runtime.EnsureContainerAsync(spec, Token);
        await _fixture.Runtime.StartContainerAsync(spec.Id, Token);
        Assert.Equal(9, (await _fixture.WaitExitAsync(spec.Id)).ExitCode);
    }

    [Fact]
    public async Task Only_running_containers_are_attached_to()
    {
        var id = await StartAsync("exit 0");
        await _fixture.WaitExitAsync(id);
        var error = await Assert.ThrowsAsync<RuntimeException>(async () => await AttachAsync(id, stdin: false));
        Assert.Equal("NotFound", error.Reason);
    }

    [Fact]
    public async Task An_isolated_container_has_a_terminal_with_a_name_there()
    {
        await using var isolated = new IsolatedFixture();
        var script = "test -t 0 && tty; ls /dev/pts; stat -c %a:%g:%u $(tty); read line; echo got $line";
        var id = await isolated.StartAsync(
            script, spec => spec with { Stdin = true, Tty = true, Security = new ContainerSecurity { RunAsUser = 1000, RunAsGroup = 1000 } });
        await using (var session = await isolated.Runtime.AttachAsync(new AttachRequest { ContainerId = id, Stdin = true, Tty = true }, Token))
        {
            await session.Input!.WriteAsync("word\n"u8.ToArray(), Token);
            Assert.EndsWith("got word\r\n", await ReadAsync(session.Output), StringComparison.Ordinal);
            Assert.Equal(0, await session.Completion);
        }

        var log = (await File.ReadAllTextAsync(isolated.Supervised.LogPath(id), Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 4)[3]);
        Assert.Equal(["/dev/pts/0\r", "0  ptmx\r", "620:1000:1000\r"], log.Where(line => line != "word\r").Take(3));
        // One with pipes has none, and its input is empty.
        Assert.Equal((0, "ptmx"), await isolated.RunAsync("cat; ls /dev/pts; ! test -t 1"));
    }

    private async Task<string> StartAsync(string script, Func<ContainerSpec, ContainerSpec>? change = null)
    {
        var spec = await _fixture.SpecAsync() with { Command = ["/bin/sh", "-c", script] };
        spec = change?.Invoke(spec) ?? spec;
        await _fixture.Runtime.EnsureContainerAsync(spec, Token);
        await _fixture.Runtime.StartContainerAsync(spec.Id, Token);
        return spec.Id;
    }

    private ValueTask<IContainerSession> AttachAsync(string id, bool stdin, bool tty = false) =>
        _fixture.Runtime.AttachAsync(new AttachRequest { ContainerId = id, Stdin = stdin, Tty = tty }, Token);

    /// <summary>The lines of a log, those of one stream after those of the other.</summary>
    private async Task<List<string>> LogAsync(string id, params string[] streams)
    {
        var files = Directory.GetFiles(_fixture.Root, Path.GetFileName(_fixture.LogPath(id)) + "*");
        var texts = await Task.WhenAll(files.Select(file => File.ReadAllTextAsync(file, Token)));
        var lines = texts.SelectMany(text => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Select(line => line.Split(' ', 4)).ToList();
        return [.. streams.SelectMany(stream => lines.Where(line => line[1] == stream).Select(line => line[3]))];
    }

    /// <summary>Reads until what a session says ends so.</summary>
    private static async Task UntilAsync(IContainerSession session, string ending)
    {
        var text = "";
        while (!text.EndsWith(ending, StringComparison.Ordinal))
        {
            var read = await session.Output.ReadAsync(Token);
            text += Encoding.UTF8.GetString(read.Buffer);
            session.Output.AdvanceTo(read.Buffer.End);
            Assert.False(read.IsCompleted && !text.EndsWith(ending, StringComparison.Ordinal), text);
        }
    }

    private static async Task<string> ReadAsync(PipeReader reader)
    {
        using var text = new StreamReader(reader.AsStream(leaveOpen: true));
        return await text.ReadToEndAsync(Token);
    }
}
