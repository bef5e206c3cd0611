using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Modular.Abstractions;
using Modular.Plugins.RuntimeNative;
using Modular.RuntimeNative.Protocol;

namespace Modular.Plugins.RuntimeNative.Tests;

/// <summary>A real supervisor in directories of its own, and as many hosts as a test wants. Everything is gone when the test ends.</summary>
public sealed class SupervisorFixture : IAsyncDisposable
{
    private readonly List<SupervisorClient> _clients = [];

    private readonly bool _isolated;

    public SupervisorFixture()
        : this(isolated: false)
    {
    }

    /// <summary>A supervisor of either mode; the isolated one needs root.</summary>
    public SupervisorFixture(bool isolated)
    {
        _isolated = isolated;
        Root = Directory.CreateTempSubdirectory("mod-sup-").FullName;
        State = Directory.CreateDirectory(Path.Combine(Root, "state")).FullName;
        Data = Directory.CreateDirectory(Path.Combine(Root, "data")).FullName;
        Runtime = Connect();
    }

    public string Root { get; }

    public string State { get; }

    public string Data { get; }

    /// <summary>The first host's runtime.</summary>
    internal NativeRuntime Runtime { get; }

    internal static ProcessIdentity? Identity(int pid) => ProcessIdentity.Of(pid);

    internal ProcessIdentity Supervisor => ProcessIdentity.Parse(File.ReadAllText(Path.Combine(State, "supervisor.pid")))!.Value;

    /// <summary>How many pipes, sockets and terminals the supervisor has open.</summary>
    internal int SupervisorStreams =>
        OpenFiles(Supervisor.Pid).Count(target => target.Contains(":[", StringComparison.Ordinal) || target.StartsWith("/dev/p", StringComparison.Ordinal));

    /// <summary>A host that has just been started.</summary>
    internal NativeRuntime Connect(NativeRuntimeOptions? options = null)
    {
        var program = typeof(SupervisorFixture).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "Supervisor").Value!;
        IRuntimeMode mode = _isolated
            ? new IsolatedMode("/usr/bin/env", [Root])
            : new ProcessMode("/bin/echo", Data, new NativeRuntimeOptions().AddressRange);
        var launcher = new SupervisorLauncher(program, mode, State, Data, NullLogger.Instance);
        var client = new SupervisorClient(launcher);
        _clients.Add(client);
        return new NativeRuntime(client, mode, options ?? new NativeRuntimeOptions(), "test", TimeProvider.System);
    }

    /// <summary>The host is gone without a word.</summary>
    internal void DropHosts()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        _clients.Clear();
    }

    /// <summary>A container with a shell script, started.</summary>
    internal async Task<string> StartAsync(string script, string sandbox = "pod", Action<List<KeyValuePair<string, string>>>? environment = null)
    {
        var spec = await SpecAsync(sandbox);
        var variables = new List<KeyValuePair<string, string>>();
        environment?.Invoke(variables);
        spec = spec with { Command = ["/bin/sh", "-c", script], Environment = variables };
        await Runtime.EnsureContainerAsync(spec, TestContext.Current.CancellationToken);
        await Runtime.StartContainerAsync(spec.Id, TestContext.Current.CancellationToken);
        return spec.Id;
    }

    internal async Task<ContainerSpec> SpecAsync(string sandbox = "pod")
    {
        await Runtime.EnsureSandboxAsync(new SandboxSpec { Id = sandbox, PodName = sandbox, PodNamespace = "default", PodUid = sandbox }, TestContext.Current.CancellationToken);
        var id = $"{sandbox}-{Guid.NewGuid():N}";
        return new ContainerSpec { Id = id, SandboxId = sandbox, Name = "main", Image = "host", LogPath = LogPath(id) };
    }

    internal string LogPath(string id) => Path.Combine(Root, id + ".log");

    internal async Task<ContainerState> FindAsync(string id) =>
        (await Runtime.ListAsync(TestContext.Current.CancellationToken)).Containers.Single(container => container.Id == id);

    /// <summary>Waits, by watching, until a container has ended.</summary>
    internal async Task<ContainerState> WaitExitAsync(string id, NativeRuntime? runtime = null)
    {
        runtime ??= Runtime;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var state = await runtime.ListAsync(limit.Token);
        if (state.Containers.SingleOrDefault(container => container.Id == id) is { Phase: ContainerPhase.Exited } ended)
        {
            return ended;
        }

        await foreach (var entry in runtime.WatchAsync(state.Position, limit.Token))
        {
            if (entry.Container is { Phase: ContainerPhase.Exited } container && container.Id == id)
            {
                return container;
            }
        }

        throw new TimeoutException($"container {id} did not end");
    }

    /// <summary>Waits until a file holds something.</summary>
    internal static async Task<string> WaitForFileAsync(string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!File.Exists(path) || new FileInfo(path).Length == 0)
        {
            await Task.Delay(10, limit.Token);
        }

        return await File.ReadAllTextAsync(path, limit.Token);
    }

    /// <summary>What the descriptors of a process lead to.</summary>
    internal static IReadOnlyList<string> OpenFiles(int pid) =>
        [.. Directory.GetFileSystemEntries($"/proc/{pid}/fd").Select(path => new FileInfo(path).LinkTarget ?? "")];

    internal static Task WaitDeadAsync(ProcessIdentity process) => UntilAsync(() => !process.IsAlive);

    internal static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    internal static void Signal(int pid, string signal)
    {
        using var kill = System.Diagnostics.Process.Start("/bin/kill", [$"-{signal}", $"{pid}"]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        DropHosts();
        if (File.Exists(Path.Combine(State, "supervisor.pid")))
        {
            var supervisor = Supervisor;
            Signal(supervisor.Pid, "TERM");
            await WaitDeadAsync(supervisor);
        }

        Directory.Delete(Root, recursive: true);
    }
}
