using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>
/// All sandboxes and containers: in memory for answers, on disk for the next supervisor. What happened is on disk before anybody hears it.
/// </summary>
internal sealed class ContainerTable
{
    private const int KilledExitCode = 137;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SandboxRecord> _sandboxes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContainerRecord> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunningContainer> _running = new(StringComparer.Ordinal);
    private readonly RecordFiles<SandboxRecord> _sandboxFiles;
    private readonly RecordFiles<ContainerRecord> _containerFiles;
    private readonly IContainment _containment;
    private readonly EventLoop _loop;
    private readonly TimeProvider _time;
    private readonly string _bootId;
    private bool _stopping;

    public ContainerTable(string dataDirectory, IContainment containment, EventLoop loop, EventHistory history, TimeProvider time)
    {
        _sandboxFiles = new(Path.Combine(dataDirectory, "sandboxes"), ProtocolJson.Default.SandboxRecord);
        _containerFiles = new(Path.Combine(dataDirectory, "containers"), ProtocolJson.Default.ContainerRecord);
        _containment = containment;
        _loop = loop;
        _time = time;
        History = history;
        _bootId = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    }

    public EventHistory History { get; }

    /// <summary>Takes over what an earlier supervisor left: its containers' pipes are broken, so they are ended and reported as lost.</summary>
    public void Recover()
    {
        foreach (var sandbox in _sandboxFiles.ReadAll())
        {
            _sandboxes[sandbox.Id] = sandbox.Running ? _containment.Reopen(sandbox) : sandbox;
        }

        var unfinished = new HashSet<string>(StringComparer.Ordinal);
        var sessions = new HashSet<int>();
        foreach (var container in _containerFiles.ReadAll())
        {
            _containers[container.Launch.Id] = container;
            if (container.Status.Phase == Phases.Exited)
            {
                continue;
            }

            // A container can have been started and its supervisor killed before that was written down: its mark tells.
            unfinished.Add(container.Launch.Id);
            var process = new ProcessIdentity(container.Status.Pid, container.Status.StartTicks);
            if (container.Status.BootId == _bootId && container.Status.Pid > 0 && process.IsAlive)
            {
                sessions.Add(process.Pid);
            }
        }

        _containment.Recover(_sandboxes.Keys, _containers.Keys);
        if (unfinished.Count == 0)
        {
            return;
        }

        // Twice, because a process may fork while the first pass reads /proc.
        var killed = ProcessSweep.Kill(unfinished, sessions) + ProcessSweep.Kill(unfinished, sessions);
        SupervisorLog.Write($"{unfinished.Count} containers of an earlier supervisor did not end in good order; {killed} processes of theirs were killed");
        foreach (var id in unfinished)
        {
            var container = _containers[id];
            if (container.Status.Phase == Phases.Running)
            {
                Save(container with
                {
                    Status = container.Status with
                    {
                        Phase = Phases.Exited,
                        Pid = 0,
                        FinishedAt = _time.GetUtcNow(),
                        ExitCode = KilledExitCode,
                        Reason = "ContainerStatusUnknown",
                        Message = "the supervisor of this container ended before it did; its exit code is not known",
                    },
                });
            }
        }
    }

    public StateRecord List()
    {
        lock (_lock)
        {
            return new StateRecord(History.Position, [.. _sandboxes.Values], [.. _containers.Values.Select(Report)]);
        }
    }

    public SandboxRecord EnsureSandbox(SandboxRecord wanted)
    {
        lock (_lock)
        {
            if (_sandboxes.TryGetValue(wanted.Id, out var existing))
            {
                return existing;
            }

            var sandbox = _containment.Open(wanted with { Running = true });
            _sandboxFiles.Write(sandbox.Id, sandbox, durable: false);
            _sandboxes[sandbox.Id] = sandbox;
            return sandbox;
        }
    }

    public async Task StopSandboxAsync(string id)
    {
        string[] containers;
        lock (_lock)
        {
            containers = [.. _containers.Values.Where(container => container.Launch.SandboxId == id).Select(container => container.Launch.Id)];
        }

        foreach (var container in containers)
        {
            await StopContainerAsync(container, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
        }

        lock (_lock)
        {
            if (_sandboxes.TryGetValue(id, out var sandbox) && sandbox.Running)
            {
                var stopped = _containment.Close(sandbox) with { Running = false, Addresses = [] };
                _sandboxFiles.Write(id, stopped, durable: false);
                _sandboxes[id] = stopped;
            }
        }
    }

    public void RemoveSandbox(string id)
    {
        lock (_lock)
        {
            if (!_sandboxes.TryGetValue(id, out var sandbox))
            {
                return;
            }

            if (sandbox.Running)
            {
                throw new RequestException("SandboxRunning", $"sandbox {id} must be stopped before it is removed");
            }

            foreach (var container in _containers.Values.Where(container => container.Launch.SandboxId == id).ToArray())
            {
                Forget(container.Launch.Id);
            }

            _sandboxFiles.Delete(id);
            _sandboxes.Remove(id);
        }
    }

    public void EnsureContainer(ContainerLaunch launch)
    {
        lock (_lock)
        {
            if (_containers.ContainsKey(launch.Id))
            {
                return;
            }

            if (!_sandboxes.TryGetValue(launch.SandboxId, out var sandbox) || !sandbox.Running)
            {
                throw new RequestException("SandboxNotReady", $"sandbox {launch.SandboxId} does not run");
            }

            Save(new ContainerRecord(launch, new ContainerStatus()));
        }
    }

    public ContainerReport StartContainer(string id)
    {
        lock (_lock)
        {
            if (!_containers.TryGetValue(id, out var container))
            {
                throw new RequestException("NotFound", $"there is no container {id}");
            }

            if (container.Status.Phase != Phases.Created)
            {
                return Report(container);
            }

            if (_stopping)
            {
                throw new RequestException("ShuttingDown", "the supervisor is stopping");
            }

            var launch = container.Launch;
            if (!_sandboxes.TryGetValue(launch.SandboxId, out var sandbox) || !sandbox.Running)
            {
                throw new RequestException("SandboxNotReady", $"sandbox {launch.SandboxId} does not run");
            }

            try
            {
                var running = RunningContainer.Start(launch, sandbox, _containment, _loop, _time);
                _running[id] = running;
                Save(container with
                {
                    Status = new ContainerStatus
                    {
                        Phase = Phases.Running,
                        Pid = running.Identity.Pid,
                        StartTicks = running.Identity.StartTicks,
                        BootId = _bootId,
                        StartedAt = _time.GetUtcNow(),
                    },
                });
                _ = FinishAsync(id, running);
                return Report(_containers[id]);
            }
            catch (Exception exception) when (exception is ChildStartException or IOException or UnauthorizedAccessException)
            {
                var now = _time.GetUtcNow();
                Save(container with
                {
                    Status = new ContainerStatus
                    {
                        Phase = Phases.Exited,
                        StartedAt = now,
                        FinishedAt = now,
                        ExitCode = (exception as ChildStartException)?.ExitCode ?? 128,
                        Reason = "ContainerCannotRun",
                        Message = exception.Message,
                    },
                });
                throw new RequestException("RunContainerError", exception.Message);
            }
        }
    }

    public async Task StopContainerAsync(string id, TimeSpan grace, CancellationToken cancellationToken)
    {
        RunningContainer? running;
        lock (_lock)
        {
            if (!_running.TryGetValue(id, out running))
            {
                return;
            }
        }

        if (grace > TimeSpan.Zero)
        {
            running.Signal(LibC.SIGTERM);
            try
            {
                await running.Finished.Task.WaitAsync(grace, _time, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException)
            {
                // It had its time.
            }
        }

        running.Signal(LibC.SIGKILL);
        await running.Finished.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void RemoveContainer(string id)
    {
        lock (_lock)
        {
            Forget(id);
        }
    }

    /// <summary>The launch of a container that runs, for a command in it.</summary>
    public ContainerLaunch GetRunning(string id)
    {
        lock (_lock)
        {
            return _running.ContainsKey(id)
                ? _containers[id].Launch
                : throw new RequestException("NotFound", $"container {id} does not run");
        }
    }

    /// <summary>Starts a command in a container that runs.</summary>
    public ChildProcess Execute(string id, ChildStart start)
    {
        RunningContainer? running;
        lock (_lock)
        {
            if (!_running.TryGetValue(id, out running))
            {
                throw new RequestException("NotFound", $"container {id} does not run");
            }
        }

        return running.Execute(start);
    }

    /// <summary>Ends everything, for good.</summary>
    public async Task StopAllAsync(TimeSpan grace)
    {
        string[] ids;
        lock (_lock)
        {
            _stopping = true;
            ids = [.. _running.Keys];
        }

        await Task.WhenAll(ids.Select(id => StopContainerAsync(id, grace, CancellationToken.None))).ConfigureAwait(false);
        _containment.Dispose();
    }

    private async Task FinishAsync(string id, RunningContainer running)
    {
        try
        {
            var (code, outOfMemory) = await running.WaitAsync().ConfigureAwait(false);
            lock (_lock)
            {
                var container = _containers[id];
                _running.Remove(id);
                Save(
                    container with
                    {
                        Status = container.Status with
                        {
                            Phase = Phases.Exited,
                            Pid = 0,
                            FinishedAt = _time.GetUtcNow(),
                            ExitCode = code,
                            Reason = code == 0 ? "Completed" : outOfMemory && code == KilledExitCode ? "OOMKilled" : "Error",
                        },
                    },
                    durable: true);
            }
        }
        catch (Exception exception)
        {
            // Without its record the container would look alive for ever: better a new supervisor that reports it as lost.
            SupervisorLog.Write($"the end of container {id} could not be recorded: {exception.Message}");
            Environment.Exit(1);
        }

        running.Finished.SetResult();
    }

    private void Forget(string id)
    {
        if (_running.ContainsKey(id))
        {
            throw new RequestException("ContainerRunning", $"container {id} must be stopped before it is removed");
        }

        if (_containers.Remove(id, out var container))
        {
            _containment.Forget(container.Launch);
            _containerFiles.Delete(id);
        }
    }

    private void Save(ContainerRecord container, bool durable = false)
    {
        _containerFiles.Write(container.Launch.Id, container, durable);
        _containers[container.Launch.Id] = container;
        History.Add(Report(container));
    }

    private static ContainerReport Report(ContainerRecord container) => new()
    {
        Id = container.Launch.Id,
        SandboxId = container.Launch.SandboxId,
        Name = container.Launch.Name,
        Attempt = container.Launch.Attempt,
        Image = container.Launch.Image,
        LogPath = container.Launch.LogPath,
        Labels = container.Launch.Labels,
        Status = container.Status,
    };
}
