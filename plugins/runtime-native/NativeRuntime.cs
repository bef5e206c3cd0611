using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Modular.Abstractions;
using Modular.RuntimeNative.Protocol;

namespace Modular.Plugins.RuntimeNative;

/// <summary>The contract over the supervisor's protocol.</summary>
internal sealed class NativeRuntime(SupervisorClient client, IRuntimeMode mode, NativeRuntimeOptions options, string version, TimeProvider time)
    : IContainerRuntime, IContainerStreams
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, SandboxRecord> _sandboxes = new();

    public async ValueTask<RuntimeInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        var response = await client.AskAsync(new Request { Operation = Operations.Hello }, cancellationToken).ConfigureAwait(false);
        return new RuntimeInfo
        {
            Name = "native",
            Version = version,
            Mode = mode.Name,
            Limitation = mode.Limitation,
            AssignsAddresses = mode.AssignsAddresses,
            InstanceId = response.Hello!.InstanceId,
        };
    }

    public ValueTask<string> EnsureImageAsync(ImageRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(mode.ResolveImage(request.Image));

    public async ValueTask<SandboxState> EnsureSandboxAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        var wanted = new SandboxRecord
        {
            Id = spec.Id,
            PodNamespace = spec.PodNamespace,
            PodName = spec.PodName,
            PodUid = spec.PodUid,
            Hostname = spec.Hostname,
            HostNetwork = spec.HostNetwork,
            HostPid = spec.HostPID,
            HostIpc = spec.HostIPC,
            ShareProcessNamespace = spec.ShareProcessNamespace,
            Sysctls = spec.Sysctls,
            Resources = IsolatedMode.Convert(spec.Resources),
            Labels = spec.Labels,
        };
        var request = new Request { Operation = Operations.EnsureSandbox, Sandbox = wanted };
        var sandbox = (await client.AskAsync(request, cancellationToken).ConfigureAwait(false)).Sandbox!;
        _sandboxes[spec.Id] = sandbox;
        return Convert(sandbox);
    }

    public async ValueTask StopSandboxAsync(string sandboxId, CancellationToken cancellationToken)
    {
        await AskAsync(Operations.StopSandbox, sandboxId, cancellationToken).ConfigureAwait(false);
        _sandboxes.TryRemove(sandboxId, out _);
    }

    public async ValueTask RemoveSandboxAsync(string sandboxId, CancellationToken cancellationToken)
    {
        // One piece of work, though it asks more than once.
        using var call = client.Calls.Begin();
        var state = await ListAsync(cancellationToken).ConfigureAwait(false);
        await AskAsync(Operations.RemoveSandbox, sandboxId, cancellationToken).ConfigureAwait(false);
        foreach (var container in state.Containers.Where(container => container.SandboxId == sandboxId))
        {
            mode.Clean(container.Id);
        }
    }

    public async ValueTask EnsureContainerAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        CheckId(spec.Id);
        using var call = client.Calls.Begin();
        var sandbox = await GetSandboxAsync(spec.SandboxId, cancellationToken).ConfigureAwait(false);
        var launch = mode.Resolve(spec, sandbox) with { LogMaxSize = options.ContainerLogMaxSize, LogMaxFiles = options.ContainerLogMaxFiles };
        var request = new Request { Operation = Operations.EnsureContainer, Container = launch };
        await client.AskAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ContainerState> StartContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        var request = new Request { Operation = Operations.StartContainer, Target = containerId };
        return Convert((await client.AskAsync(request, cancellationToken).ConfigureAwait(false)).Container!);
    }

    public async ValueTask StopContainerAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        var request = new Request { Operation = Operations.StopContainer, Target = containerId, GraceSeconds = grace.TotalSeconds };
        await client.AskAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask RemoveContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        CheckId(containerId);
        using var call = client.Calls.Begin();
        await AskAsync(Operations.RemoveContainer, containerId, cancellationToken).ConfigureAwait(false);
        mode.Clean(containerId);
    }

    public async ValueTask<RuntimeState> ListAsync(CancellationToken cancellationToken)
    {
        var state = (await client.AskAsync(new Request { Operation = Operations.List }, cancellationToken).ConfigureAwait(false)).State!;
        return new RuntimeState
        {
            Position = state.Position,
            Sandboxes = [.. state.Sandboxes.Select(Convert)],
            Containers = [.. state.Containers.Select(Convert)],
        };
    }

    public async IAsyncEnumerable<RuntimeEvent> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await using var events = client.WatchAsync(after, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await TryNextAsync(events).ConfigureAwait(false))
            {
                var entry = events.Current;
                after = entry.Position;
                yield return new RuntimeEvent
                {
                    Type = entry.Container is null ? RuntimeEventType.Resync : RuntimeEventType.ContainerChanged,
                    Position = entry.Position,
                    Container = entry.Container is null ? null : Convert(entry.Container),
                };
            }

            await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public ValueTask<IContainerSession> ExecAsync(ExecRequest request, CancellationToken cancellationToken)
    {
        var command = new ExecCommand { Command = request.Command, Stdin = request.Stdin, Tty = request.Tty };
        return OpenAsync(new Request { Operation = Operations.Exec, Target = request.ContainerId, Exec = command }, request.Stdin, request.Tty, cancellationToken);
    }

    public ValueTask<IContainerSession> AttachAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        var options = new AttachOptions { Stdin = request.Stdin };
        return OpenAsync(new Request { Operation = Operations.Attach, Target = request.ContainerId, Attach = options }, request.Stdin, request.Tty, cancellationToken);
    }

    private async ValueTask<IContainerSession> OpenAsync(Request request, bool stdin, bool tty, CancellationToken cancellationToken)
    {
        var call = client.Calls.Begin();
        try
        {
            return new SupervisorSession(await client.OpenAsync(request, cancellationToken).ConfigureAwait(false), stdin, tty, call);
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    private static async ValueTask<bool> TryNextAsync(IAsyncEnumerator<EventRecord> events)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RuntimeException or IOException or System.Net.Sockets.SocketException)
        {
            // No supervisor can be started just now: the calls say why, the watch tries again.
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Before anything is made or removed that is named after it.
    private static void CheckId(string id)
    {
        if (RecordId.IsRefused(id, out var why))
        {
            throw new RuntimeException("InvalidId", why);
        }
    }

    private async ValueTask AskAsync(string operation, string target, CancellationToken cancellationToken) =>
        await client.AskAsync(new Request { Operation = operation, Target = target }, cancellationToken).ConfigureAwait(false);

    private async ValueTask<SandboxRecord> GetSandboxAsync(string id, CancellationToken cancellationToken)
    {
        if (_sandboxes.TryGetValue(id, out var known))
        {
            return known;
        }

        var state = (await client.AskAsync(new Request { Operation = Operations.List }, cancellationToken).ConfigureAwait(false)).State!;
        return state.Sandboxes.FirstOrDefault(sandbox => sandbox.Id == id)
            ?? throw new RuntimeException("SandboxNotReady", $"there is no sandbox {id}");
    }

    private static SandboxState Convert(SandboxRecord sandbox) => new()
    {
        Id = sandbox.Id,
        Running = sandbox.Running,
        Addresses = sandbox.Addresses,
        NetworkNamespace = sandbox.NetworkNamespace,
        Spec = new SandboxSpec
        {
            Id = sandbox.Id,
            PodNamespace = sandbox.PodNamespace,
            PodName = sandbox.PodName,
            PodUid = sandbox.PodUid,
            Hostname = sandbox.Hostname,
            HostNetwork = sandbox.HostNetwork,
            HostPID = sandbox.HostPid,
            HostIPC = sandbox.HostIpc,
            ShareProcessNamespace = sandbox.ShareProcessNamespace,
            Sysctls = sandbox.Sysctls,
            Labels = sandbox.Labels,
        },
    };

    private static ContainerState Convert(ContainerReport container) => new()
    {
        Id = container.Id,
        SandboxId = container.SandboxId,
        Name = container.Name,
        Attempt = container.Attempt,
        Image = container.Image,
        Phase = container.Status.Phase switch
        {
            Phases.Created => ContainerPhase.Created,
            Phases.Running => ContainerPhase.Running,
            Phases.Exited => ContainerPhase.Exited,
            _ => ContainerPhase.Unknown,
        },
        Pid = container.Status.Pid,
        StartedAt = container.Status.StartedAt,
        FinishedAt = container.Status.FinishedAt,
        ExitCode = container.Status.ExitCode,
        Reason = container.Status.Reason,
        Message = container.Status.Message,
        LogPath = container.LogPath,
        Labels = container.Labels,
    };
}
