using System.Collections.Concurrent;
using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>What hosts can ask for: sandboxes and containers, made, started, stopped and removed. Thread-safe.</summary>
internal sealed class ContainerTable
{
    private static readonly TimeSpan RecordPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, RunningContainer> _running = new(StringComparer.Ordinal);
    private readonly SandboxGates _gates = new();
    private readonly ContainerRecords _records;
    private readonly IContainment _containment;
    private readonly EventLoop _loop;
    private readonly TimeProvider _time;
    private readonly string _bootId;
    private volatile bool _stopping;

    public ContainerTable(string dataDirectory, IContainment containment, EventLoop loop, EventHistory history, TimeProvider time)
    {
        _records = new ContainerRecords(dataDirectory, history);
        _containment = containment;
        _loop = loop;
        _time = time;
        _bootId = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    }

    public EventHistory History => _records.History;

    /// <summary>Takes over what an earlier supervisor left; before anything else.</summary>
    public void Recover() => Recovery.Run(_records, _containment, _bootId, _time);

    public StateRecord List() => _records.Snapshot();

    public async Task<SandboxRecord> EnsureSandboxAsync(SandboxRecord wanted)
    {
        CheckId(wanted.Id);
        using var passage = await _gates.EnterAsync(wanted.Id).ConfigureAwait(false);
        // One that runs no more, as after a restart of the cluster or the machine, is made anew.
        if (_records.FindSandbox(wanted.Id) is { Running: true } existing)
        {
            return existing;
        }

        var sandbox = _containment.Open(wanted with { Running = true });
        _records.Save(sandbox);
        return sandbox;
    }

    public async Task StopSandboxAsync(string id)
    {
        foreach (var container in _records.ContainersOf(id))
        {
            await StopContainerAsync(container.Launch.Id, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
        }

        using var passage = await _gates.EnterAsync(id).ConfigureAwait(false);
        if (_records.FindSandbox(id) is { Running: true } sandbox)
        {
            _records.Save(_containment.Close(sandbox) with { Running = false, Addresses = [] });
        }
    }

    public async Task RemoveSandboxAsync(string id)
    {
        using var passage = await _gates.EnterAsync(id).ConfigureAwait(false);
        if (_records.FindSandbox(id) is not { } sandbox)
        {
            return;
        }

        if (sandbox.Running)
        {
            throw new RequestException("SandboxRunning", $"sandbox {id} must be stopped before it is removed");
        }

        foreach (var container in _records.ContainersOf(id))
        {
            Forget(container);
        }

        _records.Remove(sandbox);
    }

    public async Task EnsureContainerAsync(ContainerLaunch launch)
    {
        CheckId(launch.Id);
        using var passage = await _gates.EnterAsync(launch.SandboxId).ConfigureAwait(false);
        if (_records.FindContainer(launch.Id) is null)
        {
            RunningSandbox(launch.SandboxId);
            _records.Save(new ContainerRecord(launch, new ContainerStatus()));
        }
    }

    public async Task<ContainerReport> StartContainerAsync(string id)
    {
        var launch = Find(id).Launch;
        using var passage = await _gates.EnterAsync(launch.SandboxId).ConfigureAwait(false);
        var container = Find(id);
        if (container.Status.Phase != Phases.Created)
        {
            return container.Report();
        }

        if (_stopping)
        {
            throw new RequestException("ShuttingDown", "the supervisor is stopping");
        }

        if (_running.ContainsKey(id))
        {
            throw new RequestException("RuntimeError", $"container {id} was started, but that could not be recorded, and it is being ended");
        }

        RunningContainer running;
        try
        {
            running = await RunningContainer.StartAsync(launch, RunningSandbox(launch.SandboxId), _containment, _loop, _time).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ChildStartException or IOException or UnauthorizedAccessException)
        {
            var now = _time.GetUtcNow();
            var code = (exception as ChildStartException)?.ExitCode ?? ExitCodes.NotStarted;
            _records.Save(container with { Status = Ended(new ContainerStatus { StartedAt = now }, code, "ContainerCannotRun") with { Message = exception.Message } });
            throw new RequestException("RunContainerError", exception.Message);
        }

        container = container with
        {
            Status = new ContainerStatus
            {
                Phase = Phases.Running,
                Pid = running.Identity.Pid,
                StartTicks = running.Identity.StartTicks,
                BootId = _bootId,
                StartedAt = _time.GetUtcNow(),
            },
        };
        _running[id] = running;
        _ = FinishAsync(container, running);
        try
        {
            _records.Save(container);
        }
        catch
        {
            // Nobody knows that it runs.
            running.Signal(LibC.SIGKILL);
            throw;
        }

        return container.Report();
    }

    public async Task StopContainerAsync(string id, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (!_running.TryGetValue(id, out var running))
        {
            return;
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

    public async Task RemoveContainerAsync(string id)
    {
        if (_records.FindContainer(id) is not { } known)
        {
            return;
        }

        using var passage = await _gates.EnterAsync(known.Launch.SandboxId).ConfigureAwait(false);
        if (_records.FindContainer(id) is { } container)
        {
            Forget(container);
        }
    }

    /// <summary>The launch of a container that runs, for a command in it.</summary>
    public ContainerLaunch GetRunning(string id) => _running.ContainsKey(id) ? Find(id).Launch : throw NotRunning(id);

    /// <summary>A container that runs.</summary>
    /// <exception cref="RequestException">It does not.</exception>
    public RunningContainer Running(string id) => _running.TryGetValue(id, out var running) ? running : throw NotRunning(id);

    /// <summary>Starts a command in a container that runs.</summary>
    public ChildProcess Execute(string id, ChildStart start) => Running(id).Execute(start);

    /// <summary>A terminal for a command in a container.</summary>
    public PseudoTerminal OpenTerminal(string id) => Running(id).OpenTerminal();

    /// <summary>Ends everything, for good.</summary>
    public async Task StopAllAsync(TimeSpan grace)
    {
        _stopping = true;
        await _gates.PassAllAsync().ConfigureAwait(false);
        await Task.WhenAll(_running.Keys.Select(id => StopContainerAsync(id, grace, CancellationToken.None))).ConfigureAwait(false);
        _containment.Dispose();
    }

    private async Task FinishAsync(ContainerRecord container, RunningContainer running)
    {
        try
        {
            var (code, outOfMemory) = await running.WaitAsync().ConfigureAwait(false);
            var reason = code == 0 ? "Completed" : outOfMemory && code == ExitCodes.Killed ? "OOMKilled" : "Error";
            while (!await TryRecordAsync(container with { Status = Ended(container.Status, code, reason) }).ConfigureAwait(false))
            {
                await Task.Delay(RecordPause, _time).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // Without its record the container would look alive for ever: better a new supervisor that reports it as lost.
            SupervisorLog.Write($"the end of container {container.Launch.Id} could not be recorded: {exception}");
            Environment.Exit(1);
        }

        running.Finished.SetResult();
    }

    private async Task<bool> TryRecordAsync(ContainerRecord ended)
    {
        using var passage = await _gates.EnterAsync(ended.Launch.SandboxId).ConfigureAwait(false);
        try
        {
            _records.Save(ended, durable: true);
            _running.TryRemove(ended.Launch.Id, out _);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The disk is full, most likely. Other containers go on, and hosts hear of this one's end when it is written down.
            SupervisorLog.Write($"the end of container {ended.Launch.Id} can't be recorded yet: {exception.Message}");
            return false;
        }
    }

    private ContainerStatus Ended(ContainerStatus status, int code, string reason) => status with
    {
        Phase = Phases.Exited,
        Pid = 0,
        FinishedAt = _time.GetUtcNow(),
        ExitCode = code,
        Reason = reason,
    };

    private void Forget(ContainerRecord container)
    {
        if (_running.ContainsKey(container.Launch.Id))
        {
            throw new RequestException("ContainerRunning", $"container {container.Launch.Id} must be stopped before it is removed");
        }

        _containment.Forget(container.Launch);
        _records.Remove(container);
    }

    private static void CheckId(string id)
    {
        if (RecordId.IsRefused(id, out var why))
        {
            throw new RequestException("InvalidId", why);
        }
    }

    private ContainerRecord Find(string id) => _records.FindContainer(id) ?? throw new RequestException("NotFound", $"there is no container {id}");

    private SandboxRecord RunningSandbox(string id) => _records.FindSandbox(id) is { Running: true } sandbox
        ? sandbox : throw new RequestException("SandboxNotReady", $"sandbox {id} does not run");

    private static RequestException NotRunning(string id) => new("NotFound", $"container {id} does not run");
}
