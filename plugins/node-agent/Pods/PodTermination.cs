using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using ContainerState = Modular.Abstractions.ContainerState;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>Ends a pod: its containers within the grace, then what is left of it on this node, then its object.</summary>
internal sealed class PodTermination(
    AgentServices services, WatchedPod watched, PodContainers containers, PodSandbox sandbox, ContainerSupervision supervision, ContainerStop containerStop,
    PodObservation observation, PodStatusWriter status, PodEvents events)
{
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    /// <summary>Ends a pod that is being deleted.</summary>
    public async Task RunAsync(ApiObject obj, Pod pod, DateTimeOffset deadline, CancellationToken stop)
    {
        await StopContainersAsync(obj, GraceLeft(obj, deadline), stop).ConfigureAwait(false);

        // The end is written before the pod goes, for those who watch it.
        var situation = observation.Observe(pod, containers.Addresses, initialized: true);
        if (situation.Containers.Any(container => container.Current is not null))
        {
            await status.WriteAsync(obj, AsEnded(situation), stop).ConfigureAwait(false);
        }

        await RemoveAsync(stop).ConfigureAwait(false);
        var name = new ResourceName(KubernetesResources.Pods, obj.Metadata.Namespace, obj.Metadata.Name);
        try
        {
            await services.Api.DeleteAsync(name, new DeleteOptions { GracePeriodSeconds = 0, Uid = watched.Uid }, stop).ConfigureAwait(false);
        }
        catch (ApiException exception) when (exception.Reason is StatusReason.NotFound or StatusReason.Conflict)
        {
            // Somebody else was faster, or a new pod has the name already. Finalizers may hold the object; nothing is left to do for it here.
        }
    }

    /// <summary>Ends a pod that stays in the API, as failed for a reason.</summary>
    public async Task FailAsync(ApiObject obj, Pod pod, TimeSpan grace, string reason, string message, CancellationToken stop)
    {
        await StopContainersAsync(obj, grace, stop).ConfigureAwait(false);
        var situation = AsEnded(observation.Observe(pod, containers.Addresses, initialized: true));
        await status.WriteAsync(obj, situation with { Phase = "Failed", Reason = reason, Message = message }, stop).ConfigureAwait(false);
    }

    /// <summary>Ends what runs: the containers first, then those that serve them, the last started first.</summary>
    public async Task StopContainersAsync(ApiObject obj, TimeSpan grace, CancellationToken stop)
    {
        await supervision.EndAsync().ConfigureAwait(false);
        var running = containers.Running();
        if (running.Length == 0)
        {
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var drained = grace > TimeSpan.Zero && !obj.AsPod().Spec.HostNetwork ? services.Drain.WaitAsync(containers.Addresses, grace, patience.Token) : Task.CompletedTask;
        var ending = EndAsync(obj, running, drained, services.Time.GetUtcNow() + grace, patience.Token, stop);
        // Patience may run out meanwhile: the pod is deleted by force, or with less grace.
        await watched.WhileAsync(
            ending,
            () => watched.IsGone || watched.Object.Metadata.DeletionGracePeriodSeconds == 0 ? patience.CancelAsync() : Task.CompletedTask,
            stop).ConfigureAwait(false);
        await services.Runtime.RefreshAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Removes everything of the pod from this node.</summary>
    public async Task RemoveAsync(CancellationToken stop)
    {
        await supervision.EndAsync().ConfigureAwait(false);
        await sandbox.RemoveAsync(stop).ConfigureAwait(false);
    }

    private TimeSpan GraceLeft(ApiObject obj, DateTimeOffset deadline)
    {
        // The deadline was cut to whole seconds when it was written, which must not shorten the grace.
        var left = deadline + TimeSpan.FromSeconds(1) - services.Time.GetUtcNow();
        var whole = TimeSpan.FromSeconds(obj.Metadata.DeletionGracePeriodSeconds ?? 0);
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < whole ? left : whole;
    }

    private async Task EndAsync(ApiObject obj, ContainerState[] running, Task drained, DateTimeOffset deadline, CancellationToken patience, CancellationToken stop)
    {
        var pod = obj.AsPod();
        try
        {
            var sidecars = pod.Spec.InitContainers.Where(PodContainers.IsSidecar).Select(container => container.Name).Reverse().ToArray();
            await Task.WhenAll(running.Where(container => !sidecars.Contains(container.Name)).Select(EndOneAsync)).ConfigureAwait(false);
            foreach (var name in sidecars)
            {
                foreach (var sidecar in running.Where(container => container.Name == name))
                {
                    await EndOneAsync(sidecar).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            // What was asked before goes on in the runtime, and ends with the containers.
            await Task.WhenAll(running.Select(container => containerStop.KillAsync(container.Id, TimeSpan.Zero, stop))).ConfigureAwait(false);
        }

        Task EndOneAsync(ContainerState container)
        {
            var description = pod.Spec.Containers.Concat(pod.Spec.InitContainers).FirstOrDefault(candidate => candidate.Name == container.Name);
            if (description is not null && _reported.Add(container.Id))
            {
                events.Container(obj, description, "Normal", "Killing", $"Stopping container {container.Name}");
            }

            var left = deadline - services.Time.GetUtcNow();
            return containerStop.RunAsync(obj, description, container.Id, drained, left > TimeSpan.Zero ? left : TimeSpan.Zero, patience);
        }
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
}
