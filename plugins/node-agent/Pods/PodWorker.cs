using Microsoft.Extensions.Logging;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Probes;
using Modular.Plugins.NodeAgent.Volumes;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>
/// One pod's loop: compares what the pod wants with what the runtime has, does the next step, writes the status. It is woken by changes of
/// the pod, of its containers, of its probes, and by the time it asked for itself; it keeps nothing that a restart of the agent would miss.
/// </summary>
internal sealed partial class PodWorker : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan VolumeCheckInterval = TimeSpan.FromSeconds(10);

    private readonly AgentServices _services;
    private readonly WatchedPod _watched;
    private readonly PodEvents _events;
    private readonly PodContainers _containers;
    private readonly PodSandbox _sandbox;
    private readonly PodVolumes _volumes;
    private readonly ContainerSupervision _supervision;
    private readonly ContainerRun _run;
    private readonly InitContainerRun _initRun;
    private readonly PodObservation _observation;
    private readonly PodStatusWriter _status;
    private readonly PodTermination _termination;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private int _disposed;

    public PodWorker(AgentServices services, ProbeAction probeAction, ApiObject pod)
    {
        _services = services;
        _watched = new WatchedPod(pod, services.Time);
        _events = new PodEvents(services.Events);
        _containers = new PodContainers(services.Runtime, services.Attachments, _watched.SandboxId);
        _sandbox = new PodSandbox(services, _watched, _events);
        _volumes = new PodVolumes(services, _watched, _events);
        var hooks = new LifecycleHooks(services, _watched, _containers, probeAction, _events, _stop.Token);
        var containerStop = new ContainerStop(services, hooks, _events, _stop.Token);
        _supervision = new ContainerSupervision(services, _watched, _containers, hooks, containerStop, probeAction, _events);
        var messages = new TerminationMessages(services.Directories, _watched.Uid);
        var backOff = new RestartBackOff(services.Options);
        _run = new ContainerRun(
            services, _watched, _containers, new ContainerStarter(services, _events), _supervision, hooks, containerStop, messages, backOff, _events);
        _initRun = new InitContainerRun(_containers, _run, _supervision);
        _observation = new PodObservation(_containers, _run, _supervision, messages, backOff);
        _status = new PodStatusWriter(services, services.Runtime.Info?.Name ?? "unknown");
        _termination = new PodTermination(
            services, _watched, _containers, _sandbox, _supervision, containerStop, _observation, _status, _events);
    }

    /// <summary>Begins, once whoever looks for the pod finds its worker.</summary>
    public void Start() => _loop = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>Completes when the pod is gone and nothing of it is left on this node.</summary>
    public Task Completion => _loop;

    public ApiObject Pod => _watched.Object;

    public void Update(ApiObject pod) => _watched.Update(pod);

    /// <summary>The pod is no longer in the API: whatever is left of it goes at once.</summary>
    public void Remove() => _watched.Remove();

    public void Wake() => _watched.Wake();

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
        await _supervision.EndAsync().ConfigureAwait(false);
        _volumes.Release();
        _stop.Dispose();
        _watched.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await _watched.WaitAsync(stop).ConfigureAwait(false);
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
                _watched.Remove();
            }
            catch (Exception exception)
            {
                LogStepFailed(_services.Log, Pod.Name.ToString(), exception.Message);
                _watched.WakeIn(RetryDelay);
            }
        }
    }

    /// <summary>Looks, does what is due, writes what is. True if the pod is done with.</summary>
    private async Task<bool> StepAsync(CancellationToken stop)
    {
        var obj = _watched.Object;
        var pod = obj.AsPod();
        if (_watched.IsGone)
        {
            await _termination.StopContainersAsync(obj, TimeSpan.Zero, stop).ConfigureAwait(false);
            await _termination.RemoveAsync(stop).ConfigureAwait(false);
            return true;
        }

        if (obj.Metadata.DeletionTimestamp is { } deadline)
        {
            await _termination.RunAsync(obj, pod, deadline, stop).ConfigureAwait(false);
            return true;
        }

        if (pod.Status.IsTerminal)
        {
            _volumes.Release();
            await _termination.StopContainersAsync(obj, TimeSpan.Zero, stop).ConfigureAwait(false);
            await _sandbox.ReleaseAsync(stop).ConfigureAwait(false);
            return false;
        }

        if (!await ExceedsDeadlineAsync(obj, pod, stop).ConfigureAwait(false))
        {
            await RunPodAsync(obj, pod, stop).ConfigureAwait(false);
        }

        return false;
    }

    private async Task<bool> ExceedsDeadlineAsync(ApiObject obj, Pod pod, CancellationToken stop)
    {
        if (pod.Spec.ActiveDeadlineSeconds is not { } seconds || pod.Status.StartTime is not { } started)
        {
            return false;
        }

        var deadline = started + TimeSpan.FromSeconds(seconds);
        if (_services.Time.GetUtcNow() < deadline)
        {
            _watched.WakeAt(deadline);
            return false;
        }

        const string message = "Pod was active on the node longer than the specified deadline";
        _events.Pod(obj, "Normal", "DeadlineExceeded", message);
        var grace = ContainerSupervision.Grace(pod.Spec.TerminationGracePeriodSeconds);
        await _termination.FailAsync(obj, pod, grace, "DeadlineExceeded", message, stop).ConfigureAwait(false);
        return true;
    }

    private async Task RunPodAsync(ApiObject obj, Pod pod, CancellationToken stop)
    {
        var addresses = await _sandbox.EnsureAsync(obj, pod, stop).ConfigureAwait(false);
        var volumes = addresses is null ? null : await _volumes.EnsureAsync(obj, pod, addresses, stop).ConfigureAwait(false);
        if (addresses is null || volumes is null)
        {
            var waiting = _observation.Observe(pod, addresses ?? [], initialized: pod.Spec.InitContainers.Count == 0);
            await _status.WriteAsync(obj, waiting, stop).ConfigureAwait(false);
            return;
        }

        var setup = new PodSetup(addresses, volumes);
        if (await ExceedsVolumeAsync(obj, pod, setup, stop).ConfigureAwait(false))
        {
            return;
        }

        var progress = await _initRun.AdvanceAsync(obj, pod, setup, stop).ConfigureAwait(false);
        if (progress == InitProgress.Done)
        {
            foreach (var container in pod.Spec.Containers)
            {
                if (!await _run.AdvanceAsync(obj, pod, container, setup, stop).ConfigureAwait(false))
                {
                    break;
                }
            }
        }

        var situation = _observation.Observe(pod, addresses, progress == InitProgress.Done);
        await _status.WriteAsync(obj, progress == InitProgress.Failed ? situation with { Phase = "Failed" } : situation, stop).ConfigureAwait(false);
    }

    /// <summary>Ends a pod that keeps more in a volume than it said. What is in volumes is looked at from time to time.</summary>
    private async Task<bool> ExceedsVolumeAsync(ApiObject obj, Pod pod, PodSetup setup, CancellationToken stop)
    {
        if (!EmptyDirUsage.IsLimited(pod))
        {
            return false;
        }

        if (EmptyDirUsage.Exceeded(pod, setup.Volumes) is not { } volume)
        {
            _watched.WakeIn(VolumeCheckInterval);
            return false;
        }

        var message = $"Usage of EmptyDir volume \"{volume.Name}\" exceeds the limit \"{volume.EmptyDir!.SizeLimit}\". ";
        _events.Pod(obj, "Warning", "Evicted", message);
        await _termination.FailAsync(obj, pod, TimeSpan.Zero, "Evicted", message, stop).ConfigureAwait(false);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "a step of pod {Pod} failed and is tried again: {Error}")]
    private static partial void LogStepFailed(ILogger logger, string pod, string error);
}
