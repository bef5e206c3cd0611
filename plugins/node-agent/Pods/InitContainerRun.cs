using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>How far a pod's init containers are.</summary>
internal enum InitProgress
{
    Underway,
    Done,
    Failed,
}

/// <summary>Runs init containers one after the other; those that restart always go on beside the others once they have started.</summary>
internal sealed class InitContainerRun(PodContainers containers, ContainerRun run, ContainerSupervision supervision)
{
    public async Task<InitProgress> AdvanceAsync(ApiObject obj, Pod pod, PodSetup setup, CancellationToken stop)
    {
        // Once the containers have started, a vanished init container is not run again.
        if (pod.Spec.Containers.Any(container => containers.Latest(container.Name) is not null))
        {
            foreach (var sidecar in pod.Spec.InitContainers.Where(PodContainers.IsSidecar))
            {
                await run.AdvanceAsync(obj, pod, sidecar, setup, stop).ConfigureAwait(false);
            }

            return InitProgress.Done;
        }

        foreach (var container in pod.Spec.InitContainers)
        {
            var sidecar = PodContainers.IsSidecar(container);
            if (!sidecar && containers.Latest(container.Name) is { Phase: ContainerPhase.Exited, ExitCode: 0 })
            {
                continue;
            }

            await run.AdvanceAsync(obj, pod, container, setup, stop).ConfigureAwait(false);
            var latest = containers.Latest(container.Name);
            var passed = sidecar
                ? latest is { Phase: ContainerPhase.Running } && supervision.IsStarted(latest.Id)
                : latest is { Phase: ContainerPhase.Exited, ExitCode: 0 };
            if (!passed)
            {
                return !sidecar && latest is { Phase: ContainerPhase.Exited } && pod.Spec.RestartPolicy == "Never" ? InitProgress.Failed : InitProgress.Underway;
            }
        }

        return InitProgress.Done;
    }
}
