using System.Text;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <content>Who joins what a container's own program reads and writes.</content>
public abstract partial class ContainerRuntimeTests
{
    /// <summary>What a container writes comes to all who are attached, and what each of them says to the container.</summary>
    [Fact]
    public async Task AllWhoAreAttachedHearAndSpeak()
    {
        var streams = Streams();
        var spec = await StartContainerAsync("main", Copying, spec => spec with { Stdin = true });
        await using var first = await AttachAsync(streams, stdin: true);
        await using var second = await AttachAsync(streams, stdin: true);
        await using var quiet = await AttachAsync(streams, stdin: false);
        Assert.Null(quiet.Input);
        foreach (var (speaker, line) in new[] { (first, "one\n"), (second, "two\n") })
        {
            await speaker.Input!.WriteAsync(Encoding.UTF8.GetBytes(line), Token);
            foreach (var session in new[] { first, second, quiet })
            {
                Assert.Equal(line, await HearAsync(session, line.Length));
            }
        }

        Assert.Equal(2, (await File.ReadAllLinesAsync(spec.LogPath, Token)).Count(line => CriLine().IsMatch(line)));
    }

    /// <summary>Who has no more to say, or goes, leaves the container as it is, and open for others.</summary>
    [Fact]
    public async Task AContainerOutlivesThoseWhoAttach()
    {
        var streams = Streams();
        await StartContainerAsync("main", Copying, spec => spec with { Stdin = true });
        await (await AttachAsync(streams, stdin: true)).DisposeAsync();
        await using (var silent = await AttachAsync(streams, stdin: true))
        {
            await silent.Input!.CompleteAsync();
            Assert.Equal(0, await silent.Completion.WaitAsync(Patience, Token));
        }

        Assert.Equal(ContainerPhase.Running, (await FindAsync("main")).Phase);
        await using var next = await AttachAsync(streams, stdin: true);
        await next.Input!.WriteAsync("next\n"u8.ToArray(), Token);
        Assert.Equal("next\n", await HearAsync(next, 5));
    }

    /// <summary>An input for once ends with that of the first who gives one; the end of the container is heard by all.</summary>
    [Fact]
    public async Task AnInputForOnceEndsWithWhoGaveIt()
    {
        var streams = Streams();
        await StartContainerAsync("main", Copying, spec => spec with { Stdin = true, StdinOnce = true });
        await using var quiet = await AttachAsync(streams, stdin: false);
        await (await AttachAsync(streams, stdin: false)).DisposeAsync();
        await using var giver = await AttachAsync(streams, stdin: true);
        await SendAsync(giver.Input!, "last\n"u8.ToArray());
        foreach (var session in new[] { quiet, giver })
        {
            Assert.Equal("last\n", Encoding.UTF8.GetString(await ReadAsync(session.Output).WaitAsync(Patience, Token)));
            Assert.Equal(0, await session.Completion.WaitAsync(Patience, Token));
        }

        Assert.Equal((ContainerPhase.Exited, 0), Brief(await ExitedAsync("main")));
    }

    /// <summary>Somebody can be attached only where something runs.</summary>
    [Fact]
    public async Task AttachingNeedsARunningContainer()
    {
        var streams = Streams();
        await Runtime.EnsureContainerAsync(await ContainerAsync("created", Lasting), Token);
        foreach (var id in (string[])[Id("nowhere"), Id("created"), ""])
        {
            var refused = await RefusedAsync(() => streams.AttachAsync(new AttachRequest { ContainerId = id }, Token).AsTask());
            Assert.Equal("NotFound", refused.Reason);
        }
    }

    /// <summary>A container with a terminal has one output, on which it answers what is typed.</summary>
    [Fact]
    public async Task ATerminalHasOneOutput()
    {
        var streams = Streams();
        await StartContainerAsync("main", Copying, spec => spec with { Stdin = true, Tty = true });
        await using var session = await AttachAsync(streams, stdin: true, tty: true);
        Assert.Null(session.Error);
        await session.ResizeAsync(100, 40, Token);
        await session.Input!.WriteAsync("word\n"u8.ToArray(), Token);
        Assert.StartsWith("word", await HearAsync(session, 4), StringComparison.Ordinal);
    }

    /// <summary>A container goes on, whoever is attached and does not read.</summary>
    [Fact]
    public async Task AContainerWaitsForNobodyWhoIsAttached()
    {
        var streams = Streams();
        await StartContainerAsync("main", Flooding(5), spec => spec with { Stdin = true });
        await using var still = await AttachAsync(streams, stdin: false);
        await using (var speaker = await AttachAsync(streams, stdin: true))
        {
            await speaker.Input!.WriteAsync("go\n"u8.ToArray(), Token);
            Assert.Equal((ContainerPhase.Exited, 5), Brief(await ExitedAsync("main")));
        }
    }

    private ValueTask<IContainerSession> AttachAsync(IContainerStreams streams, bool stdin, bool tty = false) =>
        streams.AttachAsync(new AttachRequest { ContainerId = Id("main"), Stdin = stdin, Tty = tty }, Token);

    private async Task<string> HearAsync(IContainerSession session, int length)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        var read = await session.Output.ReadAtLeastAsync(length, limit.Token);
        var heard = Encoding.UTF8.GetString(read.Buffer);
        session.Output.AdvanceTo(read.Buffer.End);
        return heard;
    }
}
