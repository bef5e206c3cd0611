using Modular.Abstractions;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;
using ContainerState = Modular.Abstractions.ContainerState;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>What the runtime has of one pod.</summary>
internal sealed class PodContainers(RuntimeView runtime, PodAttachments attachments, string sandboxId)
{
    /// <summary>Whether there is a sandbox, with the addresses it is to have.</summary>
    public bool SandboxRuns => runtime.Sandbox(sandboxId) is { Running: true } sandbox && attachments.Addresses(sandbox) is not null;

    public IReadOnlyList<string> Addresses => (runtime.Sandbox(sandboxId) is { } sandbox ? attachments.Addresses(sandbox) : null) ?? [];

    /// <summary>All attempts at a container, the latest first.</summary>
    public ContainerState[] Attempts(string name) =>
        [.. runtime.Containers(sandboxId).Where(container => container.Name == name).OrderByDescending(container => container.Attempt)];

    public ContainerState? Latest(string name) => Attempts(name) is [var latest, ..] ? latest : null;

    public ContainerState[] Running() =>
        [.. runtime.Containers(sandboxId).Where(container => container.Phase == ContainerPhase.Running)];

    /// <summary>Whether an init container goes on beside the others.</summary>
    public static bool IsSidecar(Container container) => container.RestartPolicy == "Always";

    public static string RestartPolicyOf(Pod pod, Container container)
    {
        if (IsSidecar(container))
        {
            return "Always";
        }

        // An init container has done its work when it succeeds, whatever the pod's policy.
        return pod.Spec.InitContainers.Contains(container) && pod.Spec.RestartPolicy == "Always" ? "OnFailure" : pod.Spec.RestartPolicy;
    }
}
