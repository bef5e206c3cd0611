using Microsoft.Extensions.Logging;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Probes;
using ContainerState = Modular.Abstractions.ContainerState;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>
/// One pod's loop: compares what the pod wants with what the runtime has, does the next step, writes the status. It is woken by changes of
/// the pod, of its containers, of its probes, and by the time it asked for itself; it keeps nothing that a restart of the agent would miss.
/// </summary>
internal sealed partial class PodWorker : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(30);

    private readonly AgentServices _services;
    private readonly ProbeAction _probeAction;
    private readonly PodEvents _events;
    private readonly ContainerStarter _starter;
    private readonly PodStatusWriter _status;
    private readonly RestartBackOff _backOff;
    private readonly VolumePaths _volumes;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(1, 1);
    private readonly Dictionary<string, StartFailure> _failures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContainerProbes> _probes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _stops = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private readonly string _uid;
    private readonly Task _loop;
    private volatile ApiObject _pod;
    private volatile bool _gone;
    private DateTimeOffset? _next;
    private int _disposed;

    public PodWorker(AgentServices services, ProbeAction probeAction, ApiObject pod)
    {
        _services = services;
        _probeAction = probeAction;
        _pod = pod;
        _uid = pod.Metadata.Uid;
        _events = new PodEvents(services.Events);
        _starter = new ContainerStarter(services, _events);
        _status = new PodStatusWriter(services, services.Runtime.Info?.Name ?? "unknown");
        _backOff = new RestartBackOff(services.Options);
        _volumes = new VolumePaths(services.Directories);
        _loop = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>Completes when the pod is gone and nothing of it is left on this node.</summary>
    public Task Completion => _loop;

    public ApiObject Pod => _pod;

    public void Update(ApiObject pod)
    {
        _pod = pod;
        Wake();
    }

    /// <summary>The pod is no longer in the API: whatever is left of it goes at once.</summary>
    public void Remove()
    {
        _gone = true;
        Wake();
    }

    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already and will look again.
        }
        catch (ObjectDisposedException)
        {
            // A late event of a pod that is done with.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            // Somebody else does it; what they wait for is the end of the loop.
            await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await EndProbesAsync().ConfigureAwait(false);
        _stop.Dispose();
        _wake.Dispose();
    }

    private string SandboxId => ContainerId.Sandbox(_uid);

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await WaitAsync(stop).ConfigureAwait(false);
            try
            {
                if (await StepAsync(stop).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException exception) when (exception.Reason == StatusReason.NotFound)
            {
                // The informer will tell of the deletion as well.
                _gone = true;
                _next = _services.Time.GetUtcNow();
            }
            catch (Exception exception)
            {
                LogFailed(_pod.Name.ToString(), exception.Message);
                _next = _services.Time.GetUtcNow() + RetryDelay;
            }
        }
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        if (_next is not { } next)
        {
            await _wake.WaitAsync(stop).ConfigureAwait(false);
            return;
        }

        var delay = next - _services.Time.GetUtcNow();
        if (delay > TimeSpan.Zero)
        {
            using var timer = _services.Time.CreateTimer(_ => Wake(), null, delay, Timeout.InfiniteTimeSpan);
            await _wake.WaitAsync(stop).ConfigureAwait(false);
        }
    }

    private void WakeAt(DateTimeOffset at) => _next = _next is { } next && next < at ? next : at;

    /// <summary>Looks, does what is due, writes what is. True if the pod is done with.</summary>
    private async Task<bool> StepAsync(CancellationToken stop)
    {
        _next = null;
        var obj = _pod;
        var pod = obj.AsPod();
        if (_gone)
        {
            await StopContainersAsync(obj, TimeSpan.Zero, stop).ConfigureAwait(false);
            await CleanAsync(stop).ConfigureAwait(false);
            return true;
        }

        if (obj.Metadata.DeletionTimestamp is { } deadline)
        {
            return await TerminateAsync(obj, pod, deadline, stop).ConfigureAwait(false);
        }

        if (pod.Status.IsTerminal)
        {
            await StopContainersAsync(obj, TimeSpan.Zero, stop).ConfigureAwait(false);
            await ReleaseSandboxAsync(stop).ConfigureAwait(false);
            return false;
        }

        await RunPodAsync(obj, pod, stop).ConfigureAwait(false);
        return false;
    }

    private async Task RunPodAsync(ApiObject obj, Pod pod, CancellationToken stop)
    {
        if (pod.Spec.ActiveDeadlineSeconds is { } seconds && pod.Status.StartTime is { } started)
        {
            var deadline = started + TimeSpan.FromSeconds(seconds);
            if (_services.Time.GetUtcNow() >= deadline)
            {
                await ExceedDeadlineAsync(obj, pod, stop).ConfigureAwait(false);
                return;
            }

            WakeAt(deadline);
        }

        var addresses = await EnsureSandboxAsync(obj, pod, stop).ConfigureAwait(false);
        var volumes = addresses is null ? null : EnsureVolumes(obj, pod);
        if (addresses is null || volumes is null)
        {
            await _status.WriteAsync(obj, Observe(pod, addresses ?? [], initialized: pod.Spec.InitContainers.Count == 0), stop).ConfigureAwait(false);
            return;
        }

        var (initialized, failed) = await RunInitContainersAsync(obj, pod, addresses, volumes, stop).ConfigureAwait(false);
        if (initialized)
        {
            foreach (var container in pod.Spec.Containers)
            {
                await RunContainerAsync(obj, pod, container, addresses, volumes, stop).ConfigureAwait(false);
            }
        }

        var situation = Observe(pod, addresses, initialized);
        if (failed)
        {
            situation = situation with { Phase = "Failed" };
        }

        await _status.WriteAsync(obj, situation, stop).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<string>?> EnsureSandboxAsync(ApiObject obj, Pod pod, CancellationToken stop)
    {
        if (_services.Runtime.Sandbox(SandboxId) is { Running: true } known)
        {
            return known.Addresses;
        }

        var spec = new SandboxSpec
        {
            Id = SandboxId,
            PodNamespace = pod.Metadata.Namespace,
            PodName = pod.Metadata.Name,
            PodUid = _uid,
            Hostname = pod.Spec.Hostname.Length > 0 ? pod.Spec.Hostname : pod.Metadata.Name,
            HostNetwork = pod.Spec.HostNetwork,
        };
        try
        {
            var sandbox = await _services.Runtime.CallAsync(runtime => runtime.EnsureSandboxAsync(spec, stop)).ConfigureAwait(false);
            await _services.Runtime.RefreshAsync(stop).ConfigureAwait(false);
            return sandbox.Addresses;
        }
        catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException)
        {
            _events.Pod(obj, "Warning", "FailedCreatePodSandBox", $"Failed to create pod sandbox: {exception.Message}");
            WakeAt(_services.Time.GetUtcNow() + RetryDelay);
            return null;
        }
    }

    private IReadOnlyDictionary<string, string>? EnsureVolumes(ApiObject obj, Pod pod)
    {
        try
        {
            return _volumes.Ensure(pod);
        }
        catch (VolumeException exception)
        {
            _events.Pod(obj, "Warning", "FailedMount", exception.Message);
            WakeAt(_services.Time.GetUtcNow() + _services.Options.BackOff);
            return null;
        }
    }

    private async Task<(bool Initialized, bool Failed)> RunInitContainersAsync(
        ApiObject obj, Pod pod, IReadOnlyList<string> addresses, IReadOnlyDictionary<string, string> volumes, CancellationToken stop)
    {
        // Once the containers have started, a vanished init container is not run again.
        if (pod.Spec.Containers.Any(container => Latest(container.Name) is not null))
        {
            foreach (var sidecar in pod.Spec.InitContainers.Where(IsSidecar))
            {
                await RunContainerAsync(obj, pod, sidecar, addresses, volumes, stop).ConfigureAwait(false);
            }

            return (true, false);
        }

        foreach (var container in pod.Spec.InitContainers)
        {
            if (!IsSidecar(container) && Latest(container.Name) is { Phase: ContainerPhase.Exited, ExitCode: 0 })
            {
                continue;
            }

            await RunContainerAsync(obj, pod, container, addresses, volumes, stop).ConfigureAwait(false);
            var latest = Latest(container.Name);
            if (IsSidecar(container) && latest is { Phase: ContainerPhase.Running } && _probes.GetValueOrDefault(latest.Id) is { Started: true })
            {
                continue;
            }

            var failed = latest is { Phase: ContainerPhase.Exited, ExitCode: not 0 } && pod.Spec.RestartPolicy == "Never" && !IsSidecar(container);
            if (!IsSidecar(container) && latest is { Phase: ContainerPhase.Exited, ExitCode: 0 })
            {
                continue;
            }

            return (false, failed);
        }

        return (true, false);
    }

    private static bool IsSidecar(Container container) => container.RestartPolicy == "Always";

    private static string PolicyOf(Pod pod, Container container)
    {
        if (IsSidecar(container))
        {
            return "Always";
        }

        // An init container has done its work when it succeeds, whatever the pod's policy.
        return pod.Spec.InitContainers.Contains(container) && pod.Spec.RestartPolicy == "Always" ? "OnFailure" : pod.Spec.RestartPolicy;
    }

    private async Task RunContainerAsync(
        ApiObject obj, Pod pod, Container container, IReadOnlyList<string> addresses, IReadOnlyDictionary<string, string> volumes, CancellationToken stop)
    {
        var latest = Latest(container.Name);
        switch (latest)
        {
            case { Phase: ContainerPhase.Running }:
                await SuperviseAsync(obj, pod, container, latest, addresses).ConfigureAwait(false);
                return;
            case { Phase: ContainerPhase.Exited or ContainerPhase.Unknown }:
                await EndProbesAsync(latest.Id).ConfigureAwait(false);
                if (!RestartBackOff.ShouldRestart(PolicyOf(pod, container), latest))
                {
                    return;
                }

                var delay = _backOff.After(latest);
                var due = (latest.FinishedAt ?? _services.Time.GetUtcNow()) + delay;
                if (due > _services.Time.GetUtcNow())
                {
                    if (_reported.Add(latest.Id))
                    {
                        _events.Container(
                            obj, container, "Warning", "BackOff",
                            $"Back-off restarting failed container {container.Name} in pod {pod.Metadata.Name}_{pod.Metadata.Namespace}({_uid})");
                    }

                    WakeAt(due);
                    return;
                }

                break;
            default:
                break;
        }

        if (_failures.TryGetValue(container.Name, out var failure) && failure.RetryAt > _services.Time.GetUtcNow())
        {
            WakeAt(failure.RetryAt);
            return;
        }

        var attempt = latest switch
        {
            null => FirstAttempt(pod, container),
            { Phase: ContainerPhase.Created } => latest.Attempt,
            _ => latest.Attempt + 1,
        };
        var failed = await _starter.StartAsync(obj, container, attempt, addresses, volumes, failure, stop).ConfigureAwait(false);
        await _services.Runtime.RefreshAsync(stop).ConfigureAwait(false);
        if (failed is null)
        {
            _failures.Remove(container.Name);
            await ForgetOldAttemptsAsync(container.Name, stop).ConfigureAwait(false);
            if (Latest(container.Name) is { Phase: ContainerPhase.Running } running)
            {
                await SuperviseAsync(obj, pod, container, running, addresses).ConfigureAwait(false);
            }
        }
        else
        {
            _failures[container.Name] = failed;
            WakeAt(failed.RetryAt);
        }
    }

    /// <summary>0, but more if the runtime has forgotten containers that the status remembers.</summary>
    private static int FirstAttempt(Pod pod, Container container)
    {
        var remembered = pod.Status.ContainerStatuses.Concat(pod.Status.InitContainerStatuses)
            .FirstOrDefault(status => status.Name == container.Name && status.ContainerID.Length > 0);
        return remembered is null ? 0 : remembered.RestartCount + 1;
    }

    private async Task SuperviseAsync(ApiObject obj, Pod pod, Container container, ContainerState running, IReadOnlyList<string> addresses)
    {
        if (!_probes.TryGetValue(running.Id, out var probes))
        {
            // After a restart of the agent, a container stays what it was until a probe says otherwise.
            var known = pod.Status.ContainerStatuses.FirstOrDefault(
                status => status.Name == container.Name && status.ContainerID.EndsWith("://" + running.Id, StringComparison.Ordinal));
            var address = addresses.Count > 0 ? addresses[0] : _services.NodeAddress;
            probes = new ContainerProbes(
                container, running.StartedAt ?? _services.Time.GetUtcNow(), known?.Ready ?? false, known?.Started ?? false,
                (probe, stop) => _probeAction.AskAsync(probe, container, running.Id, address, stop),
                (type, output) => _events.Container(obj, container, "Warning", "Unhealthy", $"{type} probe failed: {output.TrimEnd()}"),
                Wake,
                _services.Time);
            _probes[running.Id] = probes;
        }

        await probes.AdvanceAsync().ConfigureAwait(false);
        if (probes.Condemned is { } condemned && !_stops.ContainsKey(running.Id))
        {
            var name = condemned.ToString().ToLowerInvariant();
            _events.Container(obj, container, "Normal", "Killing", $"Container {container.Name} failed {name} probe, will be restarted");
            var probe = condemned == ProbeType.Startup ? container.StartupProbe : container.LivenessProbe;
            Stop(running.Id, Grace(probe?.TerminationGracePeriodSeconds ?? pod.Spec.TerminationGracePeriodSeconds));
        }
    }

    private static TimeSpan Grace(long? seconds) => seconds is { } given ? TimeSpan.FromSeconds(given) : DefaultGrace;

    /// <summary>Stops a container beside the loop, which hears of the end by the runtime's event.</summary>
    private void Stop(string containerId, TimeSpan grace)
    {
        _stops[containerId] = StopAsync();

        async Task StopAsync()
        {
            try
            {
                await _services.Runtime.CallAsync(runtime => runtime.StopContainerAsync(containerId, grace, _stop.Token)).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException or OperationCanceledException)
            {
                LogFailed(_pod.Name.ToString(), exception.Message);
            }
        }
    }

    private async Task<bool> TerminateAsync(ApiObject obj, Pod pod, DateTimeOffset deadline, CancellationToken stop)
    {
        await EndProbesAsync().ConfigureAwait(false);
        await RunPreStopAsync(obj, pod, GraceLeft(obj, deadline), stop).ConfigureAwait(false);
        await StopContainersAsync(obj, GraceLeft(obj, deadline), stop).ConfigureAwait(false);

        // The end is written before the pod goes, for those who watch it.
        var situation = Observe(pod, _services.Runtime.Sandbox(SandboxId)?.Addresses ?? [], initialized: true);
        if (situation.Containers.Any(container => container.Current is not null))
        {
            await _status.WriteAsync(obj, AsEnded(situation), stop).ConfigureAwait(false);
        }

        await CleanAsync(stop).ConfigureAwait(false);
        var name = new ResourceName(KubernetesResources.Pods, obj.Metadata.Namespace, obj.Metadata.Name);
        try
        {
            await _services.Api.DeleteAsync(name, new DeleteOptions { GracePeriodSeconds = 0, Uid = _uid }, stop).ConfigureAwait(false);
        }
        catch (ApiException exception) when (exception.Reason is StatusReason.NotFound or StatusReason.Conflict)
        {
            // Somebody else was faster, or a new pod has the name already.
        }

        // Finalizers may hold the object; nothing is left to do for it here.
        return true;
    }

    private TimeSpan GraceLeft(ApiObject obj, DateTimeOffset deadline)
    {
        // The deadline was cut to whole seconds when it was written, which must not shorten the grace.
        var left = deadline + TimeSpan.FromSeconds(1) - _services.Time.GetUtcNow();
        var whole = TimeSpan.FromSeconds(obj.Metadata.DeletionGracePeriodSeconds ?? 0);
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < whole ? left : whole;
    }

    private static PodSituation AsEnded(PodSituation situation)
    {
        var ended = situation with
        {
            Containers = [.. situation.Containers.Select(container => container with { Ready = false, IsFinished = container.HasEnded, WaitingReason = "", WaitingMessage = "" })],
            SandboxReady = false,
        };
        return ended.Containers.All(container => container.IsFinished) ? ended : ended with { Phase = "Failed" };
    }

    private async Task RunPreStopAsync(ApiObject obj, Pod pod, TimeSpan grace, CancellationToken stop)
    {
        foreach (var container in pod.Spec.Containers)
        {
            if (container.Lifecycle?.PreStop is not { } hook || Latest(container.Name) is not { Phase: ContainerPhase.Running } running
                || !_reported.Add("preStop/" + running.Id))
            {
                continue;
            }

            if (hook.Sleep is { } sleep)
            {
                var pause = TimeSpan.FromSeconds(sleep.Seconds);
                await Task.Delay(pause < grace ? pause : grace, _services.Time, stop).ConfigureAwait(false);
                continue;
            }

            var seconds = (int)Math.Max(1, grace.TotalSeconds);
            var answer = await _probeAction.AskAsync(
                new Probe { Exec = hook.Exec, HttpGet = hook.HttpGet, TimeoutSeconds = seconds }, container, running.Id,
                Address(), stop).ConfigureAwait(false);
            if (!answer.Success)
            {
                _events.Container(obj, container, "Warning", "FailedPreStopHook", $"PreStopHook failed: {answer.Output.TrimEnd()}");
            }
        }
    }

    private string Address() => _services.Runtime.Sandbox(SandboxId) is { Addresses: [var address, ..] } ? address : _services.NodeAddress;

    private async Task ExceedDeadlineAsync(ApiObject obj, Pod pod, CancellationToken stop)
    {
        const string message = "Pod was active on the node longer than the specified deadline";
        await EndProbesAsync().ConfigureAwait(false);
        _events.Pod(obj, "Normal", "DeadlineExceeded", message);
        await StopContainersAsync(obj, Grace(pod.Spec.TerminationGracePeriodSeconds), stop).ConfigureAwait(false);
        var situation = AsEnded(Observe(pod, _services.Runtime.Sandbox(SandboxId)?.Addresses ?? [], initialized: true));
        await _status.WriteAsync(obj, situation with { Phase = "Failed", Reason = "DeadlineExceeded", Message = message }, stop).ConfigureAwait(false);
    }

    private async Task StopContainersAsync(ApiObject obj, TimeSpan grace, CancellationToken stop)
    {
        await EndProbesAsync().ConfigureAwait(false);
        var running = _services.Runtime.Containers(SandboxId).Where(container => container.Phase == ContainerPhase.Running).ToArray();
        if (running.Length == 0)
        {
            return;
        }

        foreach (var container in running)
        {
            if (_reported.Add("killing/" + container.Id) && Find(obj.AsPod(), container.Name) is { } description)
            {
                _events.Container(obj, description, "Normal", "Killing", $"Stopping container {container.Name}");
            }
        }

        var stopping = StopAllAsync(running, grace, stop);
        while (!stopping.IsCompleted)
        {
            // Patience may run out meanwhile: the pod is deleted by force, or with less grace.
            var woken = _wake.WaitAsync(stop);
            await Task.WhenAny(stopping, woken).ConfigureAwait(false);
            if (!woken.IsCompleted)
            {
                Wake();
                await woken.ConfigureAwait(false);
            }

            if (grace > TimeSpan.Zero && !stopping.IsCompleted && (_gone || _pod.Metadata.DeletionGracePeriodSeconds == 0))
            {
                // The earlier request ends by itself, with the containers or with its grace.
                _ = stopping.ContinueWith(late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                stopping = StopAllAsync(running, TimeSpan.Zero, stop);
                grace = TimeSpan.Zero;
            }
        }

        await stopping.ConfigureAwait(false);
        await _services.Runtime.RefreshAsync(stop).ConfigureAwait(false);
        Wake();
    }

    private Task StopAllAsync(IReadOnlyList<ContainerState> containers, TimeSpan grace, CancellationToken stop) =>
        Task.WhenAll(containers.Select(container => _services.Runtime.CallAsync(
            runtime => runtime.StopContainerAsync(container.Id, grace, stop)).AsTask()));

    private static Container? Find(Pod pod, string name) =>
        pod.Spec.Containers.Concat(pod.Spec.InitContainers).FirstOrDefault(container => container.Name == name);

    private async Task ReleaseSandboxAsync(CancellationToken stop)
    {
        if (_services.Runtime.Sandbox(SandboxId) is { Running: true })
        {
            await _services.Runtime.CallAsync(runtime => runtime.StopSandboxAsync(SandboxId, stop)).ConfigureAwait(false);
            await _services.Runtime.RefreshAsync(stop).ConfigureAwait(false);
        }
    }

    private async Task CleanAsync(CancellationToken stop)
    {
        await EndProbesAsync().ConfigureAwait(false);
        await _services.Runtime.CallAsync(runtime => runtime.StopSandboxAsync(SandboxId, stop)).ConfigureAwait(false);
        await _services.Runtime.CallAsync(runtime => runtime.RemoveSandboxAsync(SandboxId, stop)).ConfigureAwait(false);
        _services.Directories.Remove(_uid);
    }

    /// <summary>Keeps the latest attempt and the one before, for its state and its log.</summary>
    private async Task ForgetOldAttemptsAsync(string name, CancellationToken stop)
    {
        const int kept = 2;
        foreach (var old in Attempts(name).Skip(kept))
        {
            await _services.Runtime.CallAsync(runtime => runtime.RemoveContainerAsync(old.Id, stop)).ConfigureAwait(false);
            File.Delete(old.LogPath);
            _reported.Remove(old.Id);
            _stops.Remove(old.Id);
        }
    }

    private ContainerState[] Attempts(string name) =>
        [.. _services.Runtime.Containers(SandboxId).Where(container => container.Name == name).OrderByDescending(container => container.Attempt)];

    private ContainerState? Latest(string name) => Attempts(name) is [var latest, ..] ? latest : null;

    private PodSituation Observe(Pod pod, IReadOnlyList<string> addresses, bool initialized) => new()
    {
        InitContainers = [.. pod.Spec.InitContainers.Select(container => Observe(pod, container, initialized: true, isInit: true))],
        Containers = [.. pod.Spec.Containers.Select(container => Observe(pod, container, initialized, isInit: false))],
        Addresses = addresses,
        SandboxReady = _services.Runtime.Sandbox(SandboxId) is { Running: true },
        Initialized = initialized,
    };

    private ContainerSituation Observe(Pod pod, Container container, bool initialized, bool isInit)
    {
        var attempts = Attempts(container.Name);
        var current = attempts.Length > 0 ? attempts[0] : null;
        var probes = current is { Phase: ContainerPhase.Running } ? _probes.GetValueOrDefault(current.Id) : null;
        var ended = current is { Phase: ContainerPhase.Exited or ContainerPhase.Unknown };
        var finished = ended && !RestartBackOff.ShouldRestart(PolicyOf(pod, container), current!);
        var (reason, message) = Waiting(pod, container, current, initialized, ended && !finished);
        return new ContainerSituation
        {
            Container = container,
            Current = current,
            Previous = attempts.Length > 1 ? attempts[1] : null,
            Started = probes?.Started ?? false,
            Ready = isInit && !IsSidecar(container) ? current is { Phase: ContainerPhase.Exited, ExitCode: 0 } : probes?.Ready ?? false,
            IsFinished = finished,
            WaitingReason = reason,
            WaitingMessage = message,
        };
    }

    private (string Reason, string Message) Waiting(Pod pod, Container container, ContainerState? current, bool initialized, bool restarts)
    {
        if (_failures.TryGetValue(container.Name, out var failure) && current is not { Phase: ContainerPhase.Running })
        {
            return failure is { Reason: "ErrImagePull", Count: > 1 }
                ? ("ImagePullBackOff", $"Back-off pulling image \"{container.Image}\": {failure.Message}")
                : (failure.Reason, failure.Message);
        }

        if (restarts && _backOff.After(current!) is var delay && delay > TimeSpan.Zero)
        {
            return ("CrashLoopBackOff", $"back-off {Text(delay)} restarting failed container={container.Name} pod={pod.Metadata.Name}_{pod.Metadata.Namespace}({_uid})");
        }

        return !initialized && current is null ? ("PodInitializing", "") : ("", "");
    }

    private static string Text(TimeSpan delay) =>
        delay.TotalMinutes >= 1 ? $"{(int)delay.TotalMinutes}m{delay.Seconds}s" : $"{(int)delay.TotalSeconds}s";

    private async ValueTask EndProbesAsync(string? containerId = null)
    {
        foreach (var (id, probes) in _probes.ToArray())
        {
            if (containerId is null || id == containerId)
            {
                _probes.Remove(id);
                await probes.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private void LogFailed(string pod, string error) => LogStepFailed(_services.Log, pod, error);

    [LoggerMessage(LogLevel.Warning, "a step of pod {Pod} failed and is tried again: {Error}")]
    private static partial void LogStepFailed(ILogger logger, string pod, string error);
}
