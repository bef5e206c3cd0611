using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using Modular.Plugins.NodeAgent.Endpoint;
using ContainerState = Modular.Abstractions.ContainerState;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>Keeps single containers running: the first start, restarts after their waits, and supervision in between.</summary>
internal sealed class ContainerRun(
    AgentServices services, WatchedPod watched, PodContainers containers, ContainerStarter starter, ContainerSupervision supervision, LifecycleHooks hooks,
    ContainerStop containerStop, TerminationMessages messages, RestartBackOff backOff, PodEvents events)
{
    private readonly Dictionary<string, StartFailure> _failures = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    /// <summary>Why the last start of a container failed; null if it did not.</summary>
    public StartFailure? FailureOf(string container) => _failures.GetValueOrDefault(container);

    /// <summary>Does what is due for a container. False while those that come after it have to wait for its hook.</summary>
    public async Task<bool> AdvanceAsync(ApiObject obj, Pod pod, Container container, PodSetup setup, CancellationToken stop)
    {
        var latest = containers.Latest(container.Name);
        if (latest is { Phase: ContainerPhase.Running })
        {
            return await supervision.AdvanceAsync(obj, pod, container, latest).ConfigureAwait(false);
        }

        if (latest is { Phase: ContainerPhase.Exited or ContainerPhase.Unknown })
        {
            await supervision.EndAsync(latest.Id).ConfigureAwait(false);
            if (!RestartBackOff.ShouldRestart(PodContainers.RestartPolicyOf(pod, container), latest) || HasToWait(obj, container, latest))
            {
                return true;
            }
        }

        if (_failures.TryGetValue(container.Name, out var failure) && failure.RetryAt > services.Time.GetUtcNow())
        {
            watched.WakeAt(failure.RetryAt);
            return true;
        }

        return await StartAsync(obj, pod, container, AttemptAfter(pod, container, latest), setup, failure, stop).ConfigureAwait(false);
    }

    private bool HasToWait(ApiObject obj, Container container, ContainerState ended)
    {
        var due = (ended.FinishedAt ?? services.Time.GetUtcNow()) + backOff.After(ended);
        if (due <= services.Time.GetUtcNow())
        {
            return false;
        }

        if (_reported.Add(ended.Id))
        {
            events.Container(
                obj, container, "Warning", "BackOff",
                $"Back-off restarting failed container {container.Name} in pod {obj.Metadata.Name}_{obj.Metadata.Namespace}({watched.Uid})");
        }

        watched.WakeAt(due);
        return true;
    }

    private async Task<bool> StartAsync(
        ApiObject obj, Pod pod, Container container, int attempt, PodSetup setup, StartFailure? earlier, CancellationToken stop)
    {
        var failed = await starter.StartAsync(obj, container, attempt, setup, earlier, stop).ConfigureAwait(false);
        if (failed is not null)
        {
            await services.Runtime.RefreshAsync(stop).ConfigureAwait(false);
            _failures[container.Name] = failed;
            watched.WakeAt(failed.RetryAt);
            return true;
        }

        _failures.Remove(container.Name);
        await ForgetOldAttemptsAsync(container.Name, stop).ConfigureAwait(false);
        return containers.Latest(container.Name) is not { Phase: ContainerPhase.Running } running
            || await supervision.AdvanceAsync(obj, pod, container, running).ConfigureAwait(false);
    }

    /// <summary>0 for the first, but more if the runtime has forgotten containers that the status remembers.</summary>
    private static int AttemptAfter(Pod pod, Container container, ContainerState? latest)
    {
        if (latest is not null)
        {
            return latest.Phase == ContainerPhase.Created ? latest.Attempt : latest.Attempt + 1;
        }

        var remembered = pod.Status.ContainerStatuses.Concat(pod.Status.InitContainerStatuses)
            .FirstOrDefault(status => status.Name == container.Name && status.ContainerID.Length > 0);
        return remembered is null ? 0 : remembered.RestartCount + 1;
    }

    /// <summary>Keeps the latest attempt and the one before, for its state and its log.</summary>
    private async Task ForgetOldAttemptsAsync(string name, CancellationToken stop)
    {
        const int kept = 2;
        foreach (var old in containers.Attempts(name).Skip(kept))
        {
            await services.Runtime.CallAsync(runtime => runtime.RemoveContainerAsync(old.Id, stop)).ConfigureAwait(false);
            LogFiles.Delete(old.LogPath);
            messages.Forget(old);
            _reported.Remove(old.Id);
            hooks.Forget(old.Id);
            containerStop.Forget(old.Id);
        }
    }
}
