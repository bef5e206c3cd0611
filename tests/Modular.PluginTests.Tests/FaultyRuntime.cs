using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>A plain runtime in memory that breaks one rule. Its commands are words: last, end, deaf, say, copy, flood.</summary>
internal sealed class FaultyRuntime(RuntimeFault fault, string directory) : IContainerRuntime, IContainerStreams
{
    private const int MostEnvironment = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SandboxState> _sandboxes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ContainerSpec Spec, ContainerState State)> _containers = new(StringComparer.Ordinal);
    private readonly List<RuntimeEvent> _events = [];
    private readonly List<ChannelWriter<RuntimeEvent>> _watchers = [];
    private readonly List<FaultyAttachment> _attached = [];
    private string _instance = "instance";

    /// <summary>What the next instance finds.</summary>
    public FaultyRuntime Restart()
    {
        if (fault == RuntimeFault.ForgetsAtRestart)
        {
            _containers.Clear();
        }

        return this;
    }

    public ValueTask<RuntimeInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        _instance += fault == RuntimeFault.IsAnotherEachTime ? "'" : "";
        return ValueTask.FromResult(new RuntimeInfo { Name = "memory", Version = "1", InstanceId = _instance });
    }

    public ValueTask<string> EnsureImageAsync(ImageRequest request, CancellationToken cancellationToken) => request.Image == "here" || fault == RuntimeFault.TakesAnyImage
        ? ValueTask.FromResult(request.Image)
        : throw new RuntimeException("ErrImageNeverPull", "there is no such image");

    public ValueTask<SandboxState> EnsureSandboxAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _sandboxes.TryAdd(spec.Id, new SandboxState { Id = spec.Id, Running = true, Spec = spec });
            return ValueTask.FromResult(_sandboxes[spec.Id]);
        }
    }

    public ValueTask StopSandboxAsync(string sandboxId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_sandboxes.TryGetValue(sandboxId, out var sandbox))
            {
                _sandboxes[sandboxId] = sandbox with { Running = false };
            }

            foreach (var id in ContainersOf(sandboxId).Take(fault == RuntimeFault.LeavesContainersOfAStoppedSandbox ? 1 : int.MaxValue))
            {
                End(id, 137);
            }

            return ValueTask.CompletedTask;
        }
    }

    public ValueTask RemoveSandboxAsync(string sandboxId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_sandboxes.TryGetValue(sandboxId, out var sandbox) && sandbox.Running)
            {
                throw new RuntimeException("SandboxRunning", "stop it first");
            }

            foreach (var id in ContainersOf(sandboxId))
            {
                _containers.Remove(id);
            }

            _sandboxes.Remove(sandboxId);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask EnsureContainerAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (fault == RuntimeFault.FailsOnHugeEnvironments && spec.Environment.Sum(variable => variable.Value.Length) > MostEnvironment)
            {
                throw new InvalidOperationException("too much");
            }

            if (fault != RuntimeFault.TakesContainersWithoutSandbox && !(_sandboxes.TryGetValue(spec.SandboxId, out var sandbox) && sandbox.Running))
            {
                throw new RuntimeException("SandboxNotReady", "there is no such sandbox");
            }

            if (!_containers.ContainsKey(spec.Id))
            {
                Publish(spec, new ContainerState
                {
                    Id = spec.Id,
                    SandboxId = spec.SandboxId,
                    Name = spec.Name,
                    Attempt = spec.Attempt,
                    Image = spec.Image,
                    LogPath = spec.LogPath,
                    Labels = fault == RuntimeFault.ForgetsLabels ? new Dictionary<string, string>() : spec.Labels,
                });
            }

            return ValueTask.CompletedTask;
        }
    }

    public ValueTask<ContainerState> StartContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var (spec, state) = _containers.TryGetValue(containerId, out var known) ? known : throw new RuntimeException("NotFound", "there is no such container");
            if (state.Phase == ContainerPhase.Created || fault == RuntimeFault.StartsAgain)
            {
                Start(spec, state);
            }

            return ValueTask.FromResult(_containers[containerId].State);
        }
    }

    public ValueTask StopContainerAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_containers.TryGetValue(containerId, out var container))
            {
                return fault == RuntimeFault.RefusesUnknownIds ? throw new RuntimeException("NotFound", "there is no such container") : ValueTask.CompletedTask;
            }

            var deaf = container.Spec.Command[0] == "deaf";
            if (!deaf || fault != RuntimeFault.WaitsForTheDeaf)
            {
                End(containerId, grace > TimeSpan.Zero && !deaf && fault != RuntimeFault.KillsAtOnce ? 143 : 137);
            }

            return ValueTask.CompletedTask;
        }
    }

    public ValueTask RemoveContainerAsync(string containerId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (fault == RuntimeFault.FollowsIds && containerId == "..")
            {
                // As one would that keeps what containers write in directories named like them, and removes those.
                File.Delete(Path.Combine(directory, "work", containerId, "canary"));
            }

            if (_containers.TryGetValue(containerId, out var container) && container.State.Phase == ContainerPhase.Running && fault != RuntimeFault.RemovesWhatRuns)
            {
                throw new RuntimeException("ContainerRunning", "stop it first");
            }

            _containers.Remove(containerId);
            return ValueTask.CompletedTask;
        }
    }

    public ValueTask<RuntimeState> ListAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(new RuntimeState
            {
                Position = _events.Count,
                Sandboxes = [.. _sandboxes.Values],
                Containers = [.. _containers.Values.Select(container => container.State)],
            });
        }
    }

    public async IAsyncEnumerable<RuntimeEvent> WatchAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var news = Channel.CreateUnbounded<RuntimeEvent>();
        lock (_lock)
        {
            if (after > _events.Count)
            {
                news.Writer.TryWrite(fault == RuntimeFault.IgnoresUnknownPositions
                    ? new RuntimeEvent { Type = RuntimeEventType.ContainerChanged, Position = after }
                    : new RuntimeEvent { Type = RuntimeEventType.Resync, Position = _events.Count });
            }

            foreach (var entry in _events.Skip(fault == RuntimeFault.RepeatsEvents ? 0 : (int)Math.Min(after, _events.Count)))
            {
                news.Writer.TryWrite(entry);
            }

            _watchers.Add(news.Writer);
        }

        await foreach (var entry in news.Reader.ReadAllAsync(cancellationToken))
        {
            yield return entry;
        }
    }

    public ValueTask<IContainerSession> ExecAsync(ExecRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var runs = _containers.TryGetValue(request.ContainerId, out var container) && container.State.Phase == ContainerPhase.Running;
            return runs || fault == RuntimeFault.RunsCommandsAnywhere
                ? ValueTask.FromResult<IContainerSession>(new FaultySession(fault, request))
                : throw new RuntimeException("NotFound", "no such container runs");
        }
    }

    public ValueTask<IContainerSession> AttachAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var runs = _containers.TryGetValue(request.ContainerId, out var container) && container.State.Phase == ContainerPhase.Running;
            if (!runs && fault != RuntimeFault.AttachesAnywhere)
            {
                throw new RuntimeException("NotFound", "no such container runs");
            }

            var session = new FaultyAttachment(request, twoOutputs: !request.Tty || fault == RuntimeFault.GivesATerminalTwoOutputs, Take, Leave);
            _attached.Add(session);
            return ValueTask.FromResult<IContainerSession>(session);
        }
    }

    private void Take(FaultyAttachment session, ReadOnlyMemory<byte>? data)
    {
        lock (_lock)
        {
            var spec = _containers[session.ContainerId].Spec;
            switch (data, spec.Command)
            {
                case (null, _) when spec.StdinOnce && fault != RuntimeFault.KeepsAnInputForOnceOpen:
                    End(spec.Id, 0);
                    break;
                case (null, _):
                    session.End(0);
                    break;
                case ({ } bytes, ["copy"]):
                    File.AppendAllText(spec.LogPath, $"2030-01-01T00:00:00Z stdout F {System.Text.Encoding.UTF8.GetString(bytes.Span)}");
                    AttachedTo(spec.Id).ForEach(other => other.Say(fault == RuntimeFault.TellsOthersSomethingElse && other != session ? new byte[bytes.Length] : bytes));
                    break;
                case (_, ["flood", var code]) when fault != RuntimeFault.WaitsForWhoDoesNotRead:
                    End(spec.Id, int.Parse(code, null));
                    break;
                default:
                    break;
            }
        }
    }

    private void Leave(FaultyAttachment session)
    {
        lock (_lock)
        {
            _attached.Remove(session);
            if (fault == RuntimeFault.EndsWithWhoAttached && _containers.ContainsKey(session.ContainerId))
            {
                End(session.ContainerId, 129);
            }
        }
    }

    private List<FaultyAttachment> AttachedTo(string id) => [.. _attached.Where(session => session.ContainerId == id)];

    private string[] ContainersOf(string sandboxId) =>
        [.. _containers.Values.Where(container => container.State.SandboxId == sandboxId).Select(container => container.State.Id)];

    private void Start(ContainerSpec spec, ContainerState state)
    {
        var now = DateTimeOffset.UnixEpoch.AddSeconds(_events.Count);
        switch (spec.Command)
        {
            case ["/no/such/program"] when fault != RuntimeFault.HidesWhatCanNotStart:
                Publish(spec, state with { Phase = ContainerPhase.Exited, ExitCode = 127, Reason = "ContainerCannotRun", StartedAt = now, FinishedAt = now });
                throw new RuntimeException("RunContainerError", "there is no such program");
            case ["say", var output, var error, ..]:
                var format = fault == RuntimeFault.WritesPlainLogs ? "{1}\n" : "2030-01-01T00:00:00Z {0} F {1}\n";
                File.WriteAllText(spec.LogPath, string.Format(null, format, "stdout", output) + string.Format(null, format, "stderr", error));
                break;
            case ["deaf", var line]:
                File.WriteAllText(spec.LogPath, $"2030-01-01T00:00:00Z stdout F {line}\n");
                break;
            default:
                break;
        }

        Publish(spec, state with { Phase = ContainerPhase.Running, Pid = 1, StartedAt = now });
        if (spec.Command is ["end", var code])
        {
            End(spec.Id, int.Parse(code, null));
        }
        else if (spec.Command is ["say", _, _, var last])
        {
            End(spec.Id, int.Parse(last, null));
        }
    }

    private void End(string id, int code)
    {
        var (spec, state) = _containers[id];
        if (state.Phase == ContainerPhase.Running)
        {
            code = fault == RuntimeFault.LosesExitCodes ? 0 : code;
            Publish(spec, state with { Phase = ContainerPhase.Exited, Pid = 0, ExitCode = code, Reason = code == 0 ? "Completed" : "Error", FinishedAt = state.StartedAt });
            AttachedTo(id).ForEach(session => session.End(code));
        }
    }

    private void Publish(ContainerSpec spec, ContainerState state)
    {
        _containers[spec.Id] = (spec, state);
        var entry = new RuntimeEvent
        {
            Type = RuntimeEventType.ContainerChanged,
            Position = _events.Count + 1,
            Container = fault == RuntimeFault.LosesTheContainerOfAnEvent ? null : state,
        };
        _events.Add(entry);
        _watchers.ForEach(watcher => watcher.TryWrite(entry));
    }
}
