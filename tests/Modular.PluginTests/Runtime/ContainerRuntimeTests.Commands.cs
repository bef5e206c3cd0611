using System.Text;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <content>What runs in containers: output, commands, and what could lead elsewhere.</content>
public abstract partial class ContainerRuntimeTests
{
    /// <summary>Output goes to the log in CRI format: time, stream, F for a whole line, the line.</summary>
    [Fact]
    public async Task OutputGoesToTheLog()
    {
        NeedsCommands();
        var spec = await StartContainerAsync("main", Saying("well", "badly", 0));
        await ExitedAsync("main");
        var lines = await File.ReadAllLinesAsync(spec.LogPath, Token);
        Assert.All(lines, line => Assert.Matches(CriLine(), line));
        Assert.Equal(["stderr F badly", "stdout F well"], lines.Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]).Order());
    }

    /// <summary>A program that is not there can't be started, and that is known.</summary>
    [Fact]
    public async Task AProgramThatIsNotThereIsRefused()
    {
        NeedsCommands();
        await Runtime.EnsureContainerAsync(await ContainerAsync("main", ["/no/such/program"]), Token);
        await RefusedAsync(() => Runtime.StartContainerAsync(Id("main"), Token).AsTask());
        Assert.NotEqual(ContainerPhase.Running, (await FindAsync("main")).Phase);
    }

    /// <summary>A command reads what it is sent, writes to two streams, and its exit code comes last.</summary>
    [Fact]
    public async Task ACommandHasItsStreams()
    {
        var streams = Streams();
        await StartContainerAsync("main", Lasting);
        await using (var copying = await streams.ExecAsync(new ExecRequest { ContainerId = Id("main"), Command = Copying, Stdin = true }, Token))
        {
            var sent = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60_000).Select(number => $"{number}\n")));
            var sending = SendAsync(copying.Input!, sent);
            Assert.Equal(sent, await ReadAsync(copying.Output));
            Assert.Equal(0, await copying.Completion.WaitAsync(Patience, Token));
            await sending;
        }

        await using var saying = await streams.ExecAsync(new ExecRequest { ContainerId = Id("main"), Command = Saying("well", "badly", 7) }, Token);
        Assert.Null(saying.Input);
        Assert.Equal("well\n", Encoding.UTF8.GetString(await ReadAsync(saying.Output)));
        Assert.Equal("badly\n", Encoding.UTF8.GetString(await ReadAsync(saying.Error!)));
        Assert.Equal(7, await saying.Completion.WaitAsync(Patience, Token));
    }

    /// <summary>A command can be run only where something runs.</summary>
    [Fact]
    public async Task ACommandNeedsARunningContainer()
    {
        var streams = Streams();
        await Runtime.EnsureContainerAsync(await ContainerAsync("created", Lasting), Token);
        foreach (var id in (string[])[Id("nowhere"), Id("created"), ""])
        {
            var refused = await RefusedAsync(() => streams.ExecAsync(new ExecRequest { ContainerId = id, Command = Lasting }, Token).AsTask());
            Assert.Equal("NotFound", refused.Reason);
        }
    }

    /// <summary>A command that was given up does not end well, and leaves the container as it was.</summary>
    [Fact]
    public async Task ACommandThatIsGivenUpEnds()
    {
        var streams = Streams();
        await StartContainerAsync("main", Lasting);
        var session = await streams.ExecAsync(new ExecRequest { ContainerId = Id("main"), Command = Lasting, Stdin = true }, Token);
        Assert.False(session.Completion.IsCompleted);
        await session.DisposeAsync();
        await ((Task)session.Completion).WaitAsync(Patience, Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.True(session.Completion.IsCompleted);
        Assert.False(session.Completion is { IsCompletedSuccessfully: true, Result: 0 }, "a command that was given up has not ended well");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await streams.ExecAsync(new ExecRequest { ContainerId = Id("main"), Command = Lasting }, cancelled.Token));
        Assert.Equal(ContainerPhase.Running, (await FindAsync("main")).Phase);
    }

    /// <summary>Ids that look like paths, or like nothing, are refused or are ids like others; they lead nowhere else.</summary>
    [Fact]
    public async Task IdsLeadNowhereElse()
    {
        var canaries = Directories.Select(directory => Path.Combine(directory, "canary")).ToList();
        canaries.ForEach(canary => File.WriteAllText(canary, "alive"));
        var bystander = await StartContainerAsync("bystander", Lasting);
        var around = Around();
        // Not further up than the test's own: a runtime that follows them must not take the machine along.
        var elsewhere = Path.Combine(Path.GetDirectoryName(Directories[0])!, "elsewhere");
        foreach (var id in (string[])["", ".", "..", "../elsewhere", elsewhere, "a/b", "\0", "a\nb", "%2e%2e", "-rf", "*", "ä☃", new string('x', 5000), new string('☃', 200)])
        {
            await HarmlessAsync(() => Runtime.EnsureSandboxAsync(Sandbox(id), Token).AsTask());
            await HarmlessAsync(() => Runtime.EnsureContainerAsync(bystander with { Id = id, SandboxId = id, Command = Ending(0) }, Token).AsTask());
            await HarmlessAsync(() => Runtime.EnsureContainerAsync(bystander with { Id = id, Command = Ending(0) }, Token).AsTask());
            await HarmlessAsync(() => Runtime.StartContainerAsync(id, Token).AsTask());
            await HarmlessAsync(() => Runtime.StopContainerAsync(id, TimeSpan.Zero, Token).AsTask());
            await HarmlessAsync(() => Runtime.RemoveContainerAsync(id, Token).AsTask());
            await HarmlessAsync(() => Runtime.StopSandboxAsync(id, Token).AsTask());
            await HarmlessAsync(() => Runtime.RemoveSandboxAsync(id, Token).AsTask());
        }

        Assert.All(canaries, canary => Assert.True(File.Exists(canary), $"{canary} is gone"));
        Assert.Equal(around, Around());
        Assert.Equal((Id("bystander"), ContainerPhase.Running), (Assert.Single((await Runtime.ListAsync(Token)).Containers).Id, (await FindAsync("bystander")).Phase));
        Assert.Equal(Id("pod"), Assert.Single((await Runtime.ListAsync(Token)).Sandboxes).Id);
    }

    /// <summary>An environment beyond what a machine takes is refused or not, and troubles nobody else.</summary>
    [Fact]
    public async Task AHugeEnvironmentTroublesNobodyElse()
    {
        await StartContainerAsync("bystander", Lasting);
        var spec = await ContainerAsync("huge", Ending(0)) with
        {
            Environment = [.. Enumerable.Range(0, 4000).Select(number => KeyValuePair.Create($"VARIABLE_{number}", new string('x', 1000)))],
        };
        await HarmlessAsync(async () =>
        {
            await Runtime.EnsureContainerAsync(spec, Token);
            await Runtime.StartContainerAsync(Id("huge"), Token);
        });
        Assert.Equal(ContainerPhase.Running, (await FindAsync("bystander")).Phase);
    }
}
