using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>
/// What every container runtime has to do, wherever it runs. An author derives a class, says how the runtime is made and what to run in it, and
/// has these tests. Those that need what a runtime does not have, processes or commands in containers, are skipped.
/// </summary>
public abstract partial class ContainerRuntimeTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongGrace = TimeSpan.FromMinutes(10);

    private readonly string _own = Guid.NewGuid().ToString("N")[..8];
    private IContainerRuntime? _runtime;

    /// <summary>The runtime under test.</summary>
    protected IContainerRuntime Runtime => _runtime!;

    /// <summary>The directories that the runtime keeps its things in. They exist, and hold nothing else.</summary>
    protected abstract IReadOnlyList<string> Directories { get; }

    /// <summary>Where logs of containers go; exists.</summary>
    protected abstract string LogDirectory { get; }

    /// <summary>Whether commands really run: they write, read and can be deaf to TERM.</summary>
    protected virtual bool RunsCommands => true;

    /// <summary>An image that is here.</summary>
    protected virtual string Image => "host";

    /// <summary>An image that can't be had; null if every one can.</summary>
    protected virtual string? MissingImage => "registry.invalid/no/such-image:1";

    /// <summary>A command that goes on until TERM.</summary>
    protected virtual IReadOnlyList<string> Lasting => ["/bin/sh", "-c", "exec sleep 1000"];

    /// <summary>A command that ends at once.</summary>
    protected virtual IReadOnlyList<string> Ending(int code) => ["/bin/sh", "-c", $"exit {code}"];

    /// <summary>A command that writes a line to its output and goes on, whatever TERM says.</summary>
    protected virtual IReadOnlyList<string> Deaf(string line) => ["/bin/sh", "-c", $"trap '' TERM; echo {line}; while true; do sleep 1; done"];

    /// <summary>A command that writes a line to its output and one to its errors, and ends.</summary>
    protected virtual IReadOnlyList<string> Saying(string output, string error, int code) => ["/bin/sh", "-c", $"echo {output}; echo {error} >&2; exit {code}"];

    /// <summary>A command that writes what it reads, and ends when there is no more.</summary>
    protected virtual IReadOnlyList<string> Copying => ["/bin/sh", "-c", "exec cat"];

    /// <summary>Labels of the container with such a command, for a runtime that goes by them instead.</summary>
    protected virtual IReadOnlyDictionary<string, string> LabelsFor(IReadOnlyList<string> command) => new Dictionary<string, string>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes the runtime; called once for each test.</summary>
    protected abstract ValueTask<IContainerRuntime> StartAsync();

    /// <summary>Ends the runtime without a word, as with its host, and makes another of the same directories. Containers are not told.</summary>
    protected abstract ValueTask<IContainerRuntime> RestartAsync();

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _runtime = await StartAsync();

    /// <summary>Ends what was made.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A runtime has a name, a version and a mode, and is the same one as long as it runs.</summary>
    [Fact]
    public async Task TheRuntimeSaysWhatItIs()
    {
        var info = await Runtime.GetInfoAsync(Token);
        Assert.NotEmpty(info.Name);
        Assert.NotEmpty(info.Version);
        Assert.Contains(info.Mode, (string[])["process", "isolated"]);
        Assert.DoesNotContain('\n', info.Limitation);
        Assert.Equal(info.InstanceId, (await Runtime.GetInfoAsync(Token)).InstanceId);
    }

    /// <summary>An image has one id; one that can't be had is refused with a reason.</summary>
    [Fact]
    public async Task ImagesAreHadOrRefused()
    {
        var image = await Runtime.EnsureImageAsync(new ImageRequest(Image, "IfNotPresent"), Token);
        Assert.NotEmpty(image);
        Assert.Equal(image, await Runtime.EnsureImageAsync(new ImageRequest(Image, "IfNotPresent"), Token));
        if (MissingImage is { } missing)
        {
            await RefusedAsync(() => Runtime.EnsureImageAsync(new ImageRequest(missing, "Never"), Token).AsTask());
        }
    }

    /// <summary>Whoever asks again for what is there gets just that.</summary>
    [Fact]
    public async Task EnsuringAgainChangesNothing()
    {
        var sandbox = await Runtime.EnsureSandboxAsync(Sandbox(Id("pod")), Token);
        var again = await Runtime.EnsureSandboxAsync(Sandbox(Id("pod")), Token);
        Assert.Equal(sandbox.Addresses, again.Addresses);
        Assert.Equal(sandbox.NetworkNamespace, again.NetworkNamespace);
        var spec = await ContainerAsync("main", Lasting);
        await Runtime.EnsureContainerAsync(spec, Token);
        await Runtime.EnsureContainerAsync(spec, Token);
        Assert.Equal(ContainerPhase.Created, (await FindAsync("main")).Phase);
        var first = await Runtime.StartContainerAsync(Id("main"), Token);
        var second = await Runtime.StartContainerAsync(Id("main"), Token);
        await Runtime.EnsureContainerAsync(spec, Token);
        var state = await Runtime.ListAsync(Token);
        Assert.Equal(ContainerPhase.Running, first.Phase);
        Assert.Equal((first.Pid, first.StartedAt), (second.Pid, second.StartedAt));
        Assert.Equal((first.Pid, first.StartedAt), (Assert.Single(state.Containers).Pid, state.Containers[0].StartedAt));
        Assert.Equal(sandbox.Addresses, Assert.Single(state.Sandboxes).Addresses);
    }

    /// <summary>Stopping and removing what is not there, or not any more, is no error.</summary>
    [Fact]
    public async Task UnknownIdsAreNoErrorAtTheEnd()
    {
        await StartContainerAsync("main", Lasting);
        for (var round = 0; round < 2; round++)
        {
            await Runtime.StopContainerAsync(Id("main"), TimeSpan.Zero, Token);
            await Runtime.StopSandboxAsync(Id("pod"), Token);
        }

        for (var round = 0; round < 2; round++)
        {
            await Runtime.RemoveContainerAsync(Id("main"), Token);
            await Runtime.RemoveSandboxAsync(Id("pod"), Token);
            await Runtime.StopContainerAsync(Id("main"), TimeSpan.Zero, Token);
            await Runtime.StopSandboxAsync(Id("pod"), Token);
        }

        var state = await Runtime.ListAsync(Token);
        Assert.Empty(state.Containers);
        Assert.Empty(state.Sandboxes);
    }

    /// <summary>What needs something that is not there is refused.</summary>
    [Fact]
    public async Task UnknownIdsAreRefusedAtTheBeginning()
    {
        await RefusedAsync(() => Runtime.StartContainerAsync(Id("nowhere"), Token).AsTask());
        var spec = await ContainerAsync("main", Lasting);
        await RefusedAsync(() => Runtime.EnsureContainerAsync(spec with { SandboxId = Id("nowhere") }, Token).AsTask());
        await Runtime.StopSandboxAsync(Id("pod"), Token);
        await RefusedAsync(() => Runtime.EnsureContainerAsync(spec, Token).AsTask());
        Assert.Empty((await Runtime.ListAsync(Token)).Containers);
    }

    /// <summary>The list tells of each thing what was asked for, and how it is now.</summary>
    [Fact]
    public async Task TheListIsWhatThereIs()
    {
        await Runtime.EnsureSandboxAsync(Sandbox(Id("pod")) with { Labels = new Dictionary<string, string> { ["of"] = "pod" } }, Token);
        var created = await ContainerAsync("created", Lasting) with { Attempt = 3, Labels = new Dictionary<string, string> { ["of"] = "container" } };
        await Runtime.EnsureContainerAsync(created, Token);
        await StartContainerAsync("running", Lasting);
        await StartContainerAsync("exited", Ending(0));
        await ExitedAsync("exited");
        var state = await Runtime.ListAsync(Token);
        var sandbox = Assert.Single(state.Sandboxes);
        Assert.True(sandbox.Running);
        Assert.Equal((Id("pod"), "name", "default", "uid"), (sandbox.Spec.Id, sandbox.Spec.PodName, sandbox.Spec.PodNamespace, sandbox.Spec.PodUid));
        Assert.Equal("pod", sandbox.Spec.Labels["of"]);
        Assert.Equal([Id("created"), Id("exited"), Id("running")], state.Containers.Select(container => container.Id).Order());
        var found = await FindAsync("created");
        Assert.Equal((Id("pod"), "main", 3, created.Image, created.LogPath), (found.SandboxId, found.Name, found.Attempt, found.Image, found.LogPath));
        Assert.Equal("container", found.Labels["of"]);
        Assert.Equal((ContainerPhase.Created, null, 0), (found.Phase, found.StartedAt, found.Pid));
        var running = await FindAsync("running");
        Assert.Equal((ContainerPhase.Running, null, ""), (running.Phase, running.FinishedAt, running.Reason));
        Assert.NotNull(running.StartedAt);
    }

    /// <summary>Events tell each change once, in order, from the position that is asked for.</summary>
    [Fact]
    public async Task EventsFollowAPosition()
    {
        await Runtime.EnsureContainerAsync(await ContainerAsync("main", Lasting), Token);
        var start = (await Runtime.ListAsync(Token)).Position;
        await Runtime.StartContainerAsync(Id("main"), Token);
        await Runtime.StopContainerAsync(Id("main"), LongGrace, Token);
        var events = await EventsAsync(start, 2);
        Assert.Equal([ContainerPhase.Running, ContainerPhase.Exited], events.Select(entry => entry.Container?.Phase));
        Assert.All(events, entry => Assert.Equal((RuntimeEventType.ContainerChanged, Id("main")), (entry.Type, entry.Container!.Id)));
        Assert.Equal(events.Select(entry => entry.Position).Distinct().Order(), events.Select(entry => entry.Position));
        Assert.Equal(ContainerPhase.Exited, Assert.Single(await EventsAsync(events[0].Position, 1)).Container!.Phase);
        Assert.Equal(events[1].Position, (await Runtime.ListAsync(Token)).Position);
    }

    /// <summary>An event that comes after the list is heard without asking again.</summary>
    [Fact]
    public async Task EventsComeAsTheyHappen()
    {
        await StartContainerAsync("main", Lasting);
        var heard = EventsAsync((await Runtime.ListAsync(Token)).Position, 1);
        await Runtime.StopContainerAsync(Id("main"), LongGrace, Token);
        var ended = Assert.Single(await heard).Container;
        Assert.Equal((Id("main"), ContainerPhase.Exited), (ended!.Id, ended.Phase));
    }

    /// <summary>A position that this runtime never gave leads to a new list, and not to silence.</summary>
    [Fact]
    public async Task AnUnknownPositionIsAResync()
    {
        var entry = Assert.Single(await EventsAsync(long.MaxValue, 1));
        Assert.Equal(RuntimeEventType.Resync, entry.Type);
        Assert.Null(entry.Container);
    }

    /// <summary>How a container ended is known until it is removed, and it is not started again.</summary>
    [Fact]
    public async Task AnEndIsKept()
    {
        foreach (var (id, code, reason) in ((string, int, string)[])[("well", 0, "Completed"), ("badly", 3, "Error")])
        {
            await StartContainerAsync(id, Ending(code));
            var ended = await ExitedAsync(id);
            Assert.Equal((code, reason, 0), (ended.ExitCode, ended.Reason, ended.Pid));
            Assert.True(ended.FinishedAt >= ended.StartedAt);
            Assert.Equal(ContainerPhase.Exited, (await Runtime.StartContainerAsync(Id(id), Token)).Phase);
            Assert.Equal((ended.FinishedAt, code), ((await FindAsync(id)).FinishedAt, (await FindAsync(id)).ExitCode));
        }
    }

    /// <summary>A container is told to end, and killed if it does not or has no time to; when the call returns it has ended.</summary>
    [Fact]
    public async Task AGraceIsGivenButNotMore()
    {
        await StartContainerAsync("polite", Lasting);
        await Runtime.StopContainerAsync(Id("polite"), LongGrace, Token);
        Assert.Equal((ContainerPhase.Exited, 143), Brief(await FindAsync("polite")));
        await StartContainerAsync("surprised", Lasting);
        await Runtime.StopContainerAsync(Id("surprised"), TimeSpan.Zero, Token);
        Assert.Equal((ContainerPhase.Exited, 137), Brief(await FindAsync("surprised")));
    }

    /// <summary>A container that does not listen is killed after its grace.</summary>
    [Fact]
    public async Task AContainerThatDoesNotListenIsKilled()
    {
        NeedsCommands();
        var spec = await StartContainerAsync("deaf", Deaf("ready"));
        await LogAsync(spec, "ready");
        await Runtime.StopContainerAsync(Id("deaf"), TimeSpan.FromMilliseconds(100), Token);
        Assert.Equal((ContainerPhase.Exited, 137), Brief(await FindAsync("deaf")));
    }

    /// <summary>A sandbox takes its containers along, when it is stopped and when it is removed.</summary>
    [Fact]
    public async Task ASandboxTakesItsContainersAlong()
    {
        await StartContainerAsync("one", Lasting);
        await StartContainerAsync("two", Lasting);
        await Runtime.StopSandboxAsync(Id("pod"), Token);
        var state = await Runtime.ListAsync(Token);
        Assert.Equal([ContainerPhase.Exited, ContainerPhase.Exited], state.Containers.Select(container => container.Phase));
        Assert.False(Assert.Single(state.Sandboxes).Running);
        await Runtime.RemoveSandboxAsync(Id("pod"), Token);
        state = await Runtime.ListAsync(Token);
        Assert.Empty(state.Containers);
        Assert.Empty(state.Sandboxes);
    }

    /// <summary>What runs is not forgotten.</summary>
    [Fact]
    public async Task WhatRunsIsNotRemoved()
    {
        await StartContainerAsync("main", Lasting);
        await RefusedAsync(() => Runtime.RemoveContainerAsync(Id("main"), Token).AsTask());
        await RefusedAsync(() => Runtime.RemoveSandboxAsync(Id("pod"), Token).AsTask());
        Assert.Equal(ContainerPhase.Running, (await FindAsync("main")).Phase);
    }

    /// <summary>The next instance finds what the one before left, as it is by then, and goes on with it.</summary>
    [Fact]
    public async Task AnotherInstanceGoesOn()
    {
        await StartContainerAsync("running", Lasting);
        await StartContainerAsync("exited", Ending(3));
        await ExitedAsync("exited");
        var before = await Runtime.ListAsync(Token);
        _runtime = await RestartAsync();
        var after = await Runtime.ListAsync(Token);
        Assert.Equal(before.Sandboxes.Select(sandbox => (sandbox.Id, sandbox.Running)), after.Sandboxes.Select(sandbox => (sandbox.Id, sandbox.Running)));
        Assert.Equal(
            before.Containers.Select(container => (container.Id, container.Phase, container.Pid, container.StartedAt, container.ExitCode)).Order(),
            after.Containers.Select(container => (container.Id, container.Phase, container.Pid, container.StartedAt, container.ExitCode)).Order());
        await Runtime.StopContainerAsync(Id("running"), LongGrace, Token);
        Assert.Equal((ContainerPhase.Exited, 143), Brief(await FindAsync("running")));
    }

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

    // Unique for all time, as ids have to be: a runtime may find what is left of a container by it, wherever on the machine.
    private string Id(string name) => $"{name}-{_own}";

    private static SandboxSpec Sandbox(string id) => new() { Id = id, PodName = "name", PodNamespace = "default", PodUid = "uid" };

    private static (ContainerPhase Phase, int ExitCode) Brief(ContainerState state) => (state.Phase, state.ExitCode);

    /// <summary>A container in the sandbox of all tests, described but not made.</summary>
    private async Task<ContainerSpec> ContainerAsync(string id, IReadOnlyList<string> command)
    {
        await Runtime.EnsureSandboxAsync(Sandbox(Id("pod")), Token);
        return new ContainerSpec
        {
            Id = Id(id),
            SandboxId = Id("pod"),
            Name = "main",
            Image = await Runtime.EnsureImageAsync(new ImageRequest(Image, "IfNotPresent"), Token),
            Command = command,
            Labels = LabelsFor(command),
            LogPath = Path.Combine(LogDirectory, $"{id}.log"),
        };
    }

    private async Task<ContainerSpec> StartContainerAsync(string id, IReadOnlyList<string> command)
    {
        var spec = await ContainerAsync(id, command);
        await Runtime.EnsureContainerAsync(spec, Token);
        await Runtime.StartContainerAsync(spec.Id, Token);
        return spec;
    }

    private async Task<ContainerState> FindAsync(string id) => (await Runtime.ListAsync(Token)).Containers.Single(container => container.Id == Id(id));

    private async Task<ContainerState> ExitedAsync(string id)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        var state = await Runtime.ListAsync(limit.Token);
        if (state.Containers.Single(container => container.Id == Id(id)) is { Phase: ContainerPhase.Exited } ended)
        {
            return ended;
        }

        await foreach (var entry in Runtime.WatchAsync(state.Position, limit.Token))
        {
            if (entry.Container is { Phase: ContainerPhase.Exited } container && container.Id == Id(id))
            {
                return container;
            }
        }

        throw new TimeoutException($"container {id} did not end");
    }

    private async Task<List<RuntimeEvent>> EventsAsync(long after, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        var events = new List<RuntimeEvent>();
        await foreach (var entry in Runtime.WatchAsync(after, limit.Token))
        {
            events.Add(entry);
            if (events.Count == count)
            {
                break;
            }
        }

        return events;
    }

    private static async Task<RuntimeException> RefusedAsync(Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<RuntimeException>(call);
        Assert.Matches("^[A-Z][A-Za-z]+$", refused.Reason);
        Assert.NotEmpty(refused.Message);
        return refused;
    }

    /// <summary>Done or refused.</summary>
    private static async Task HarmlessAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RuntimeException refused)
        {
            Assert.NotEmpty(refused.Reason);
        }
    }

    private List<string> Around() => [.. Directories.SelectMany(directory => Directory.GetFileSystemEntries(Path.GetDirectoryName(directory)!)).Order(StringComparer.Ordinal)];

    private static async Task LogAsync(ContainerSpec spec, string text)
    {
        while (!File.Exists(spec.LogPath) || !(await File.ReadAllTextAsync(spec.LogPath, Token)).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), Token);
        }
    }

    private static async Task SendAsync(PipeWriter input, byte[] data)
    {
        await input.WriteAsync(data, Token);
        await input.CompleteAsync();
    }

    private static async Task<byte[]> ReadAsync(PipeReader reader)
    {
        using var data = new MemoryStream();
        await reader.CopyToAsync(data, Token);
        return data.ToArray();
    }

    private void NeedsCommands() => Assert.SkipUnless(RunsCommands, "this runtime runs no commands");

    private IContainerStreams Streams()
    {
        NeedsCommands();
        Assert.SkipUnless(Runtime is IContainerStreams, "this runtime does not have IContainerStreams");
        return (IContainerStreams)Runtime;
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d) (stdout|stderr) [FP] ")]
    private static partial Regex CriLine();
}
