using System.IO.Pipelines;
using System.Text.RegularExpressions;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>
/// What every container runtime has to do, wherever it runs. An author derives a class, says how the runtime is made and what to run in it, and
/// has these tests. Those that need what a runtime does not have, processes or commands in containers, are skipped.
/// </summary>
public abstract partial class ContainerRuntimeTests : IAsyncLifetime
{
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

    /// <summary>How long something may take that has to happen.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromMinutes(2);

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

    /// <summary>A command that reads a line, writes much more than anybody keeps who is not read, and ends with this.</summary>
    protected virtual IReadOnlyList<string> Flooding(int code) => ["/bin/sh", "-c", $"read line; head -c 64000000 /dev/zero | tr '\\0' '\\n'; exit {code}"];

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

    private async Task<ContainerSpec> StartContainerAsync(string id, IReadOnlyList<string> command, Func<ContainerSpec, ContainerSpec>? change = null)
    {
        var spec = await ContainerAsync(id, command);
        spec = change?.Invoke(spec) ?? spec;
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
