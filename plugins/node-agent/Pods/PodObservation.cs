using Modular.Abstractions;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using ContainerState = Modular.Abstractions.ContainerState;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>Sees how a pod is, for its status.</summary>
internal sealed class PodObservation(
    PodContainers containers, ContainerRun run, ContainerSupervision supervision, TerminationMessages messages, RestartBackOff backOff)
{
    public PodSituation Observe(Pod pod, IReadOnlyList<string> addresses, bool initialized) => new()
    {
        InitContainers = [.. pod.Spec.InitContainers.Select(container => Observe(pod, container, initialized: true, isInit: true))],
        Containers = [.. pod.Spec.Containers.Select(container => Observe(pod, container, initialized, isInit: false))],
        Addresses = addresses,
        SandboxReady = containers.SandboxRuns,
        Initialized = initialized,
    };

    private ContainerSituation Observe(Pod pod, Container container, bool initialized, bool isInit)
    {
        var attempts = containers.Attempts(container.Name);
        var current = attempts.Length > 0 ? attempts[0] : null;
        var running = current is { Phase: ContainerPhase.Running };
        var ended = current is { Phase: ContainerPhase.Exited or ContainerPhase.Unknown };
        var finished = ended && !RestartBackOff.ShouldRestart(PodContainers.RestartPolicyOf(pod, container), current!);
        var (reason, message) = Waiting(pod, container, current, initialized, ended && !finished);
        return new ContainerSituation
        {
            Container = container,
            Current = messages.Complete(container, current),
            Previous = messages.Complete(container, attempts.Length > 1 ? attempts[1] : null),
            Started = running && supervision.IsStarted(current!.Id),
            Ready = isInit && !PodContainers.IsSidecar(container)
                ? current is { Phase: ContainerPhase.Exited, ExitCode: 0 }
                : running && supervision.IsReady(current!.Id),
            IsFinished = finished,
            WaitingReason = reason,
            WaitingMessage = message,
        };
    }

    private (string Reason, string Message) Waiting(Pod pod, Container container, ContainerState? current, bool initialized, bool restarts)
    {
        if (run.FailureOf(container.Name) is { } failure && current is not { Phase: ContainerPhase.Running })
        {
            return failure is { Reason: "ErrImagePull", Count: > 1 }
                ? ("ImagePullBackOff", $"Back-off pulling image \"{container.Image}\": {failure.Message}")
                : (failure.Reason, failure.Message);
        }

        if (restarts && backOff.After(current!) is var delay && delay > TimeSpan.Zero)
        {
            return (
                "CrashLoopBackOff",
                $"back-off {Text(delay)} restarting failed container={container.Name} pod={pod.Metadata.Name}_{pod.Metadata.Namespace}({pod.Metadata.Uid})");
        }

        return !initialized && current is null ? ("PodInitializing", "") : ("", "");
    }

    private static string Text(TimeSpan delay) =>
        delay.TotalMinutes >= 1 ? $"{(int)delay.TotalMinutes}m{delay.Seconds}s" : $"{(int)delay.TotalSeconds}s";
}
