using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>What the containers of one pod share: made before the first starts, stopped when the pod will run no more.</summary>
internal sealed class PodSandbox(AgentServices services, WatchedPod watched, PodEvents events)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>The pod's addresses; null if there is no sandbox yet.</summary>
    public async Task<IReadOnlyList<string>?> EnsureAsync(ApiObject obj, Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            var sandbox = services.Runtime.Sandbox(watched.SandboxId) is { Running: true } known ? known : await MakeAsync(pod, cancellationToken).ConfigureAwait(false);
            return await services.Attachments.EnsureAsync(sandbox, pod, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RuntimeException or ContractUnavailableException)
        {
            events.Pod(obj, "Warning", "FailedCreatePodSandBox", $"Failed to create pod sandbox: {exception.Message}");
            watched.WakeIn(RetryDelay);
            return null;
        }
    }

    /// <summary>Gives back what it holds while the pod stays in the API.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (services.Runtime.Sandbox(watched.SandboxId) is { Running: true })
        {
            await services.Attachments.DetachAsync(watched.SandboxId, cancellationToken).ConfigureAwait(false);
            await services.Runtime.CallAsync(runtime => runtime.StopSandboxAsync(watched.SandboxId, cancellationToken)).ConfigureAwait(false);
            await services.Runtime.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes everything the pod has on this node.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        await services.Attachments.DetachAsync(watched.SandboxId, cancellationToken).ConfigureAwait(false);
        await services.Runtime.CallAsync(runtime => runtime.StopSandboxAsync(watched.SandboxId, cancellationToken)).ConfigureAwait(false);
        await services.Runtime.CallAsync(runtime => runtime.RemoveSandboxAsync(watched.SandboxId, cancellationToken)).ConfigureAwait(false);
        services.Directories.Remove(watched.Uid);
    }

    private async Task<SandboxState> MakeAsync(Pod pod, CancellationToken cancellationToken)
    {
        services.Attachments.Forget(watched.SandboxId);
        var spec = Describe(pod);
        var sandbox = await services.Runtime.CallAsync(runtime => runtime.EnsureSandboxAsync(spec, cancellationToken)).ConfigureAwait(false);
        services.Runtime.Note(sandbox);
        return sandbox;
    }

    private SandboxSpec Describe(Pod pod) => new()
    {
        Id = watched.SandboxId,
        PodNamespace = pod.Metadata.Namespace,
        PodName = pod.Metadata.Name,
        PodUid = watched.Uid,
        Hostname = pod.Spec.HostNetwork ? services.NodeName : HostnameFile.Of(pod),
        HostNetwork = pod.Spec.HostNetwork,
        HostPID = pod.Spec.HostPID,
        HostIPC = pod.Spec.HostIPC,
        ShareProcessNamespace = pod.Spec.ShareProcessNamespace,
        Sysctls = (pod.Spec.SecurityContext?.Sysctls ?? []).ToDictionary(sysctl => sysctl.Name, sysctl => sysctl.Value, StringComparer.Ordinal),
        Resources = ResourceLimits.OfPod(pod, services.Options.PodPids),
        Labels = SandboxLabels.Of(pod, services.NodeName),
    };
}
