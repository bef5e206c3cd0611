using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Probes;
using ContainerState = Modular.Abstractions.ContainerState;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>Looks after running containers: their hook after the start, then their probes, and the end of those that fail them.</summary>
internal sealed class ContainerSupervision(
    AgentServices services, WatchedPod watched, PodContainers containers, LifecycleHooks hooks, ContainerStop stop, ProbeAction probeAction, PodEvents events)
{
    private readonly Dictionary<string, ContainerProbes> _probes = new(StringComparer.Ordinal);

    /// <summary>Whether a run of a container has passed its hook and its startup probe.</summary>
    public bool IsStarted(string containerId) => _probes.GetValueOrDefault(containerId) is { Started: true };

    public bool IsReady(string containerId) => _probes.GetValueOrDefault(containerId) is { Ready: true };

    /// <summary>Does what is due for a running container. False while its hook after the start holds up those that come after it.</summary>
    public async Task<bool> AdvanceAsync(ApiObject obj, Pod pod, Container container, ContainerState running)
    {
        var known = pod.Status.ContainerStatuses.Concat(pod.Status.InitContainerStatuses).FirstOrDefault(
            status => status.Name == container.Name && status.ContainerID.EndsWith("://" + running.Id, StringComparison.Ordinal));
        if (!_probes.TryGetValue(running.Id, out var probes))
        {
            // What has started according to the status had its hook before the agent was restarted.
            var hook = known is { Started: true } ? HookState.Succeeded : hooks.PostStart(obj, container, running.Id);
            if (hook != HookState.Succeeded)
            {
                if (hook == HookState.Failed)
                {
                    stop.Begin(obj, container, running, Grace(pod.Spec.TerminationGracePeriodSeconds), "FailedPostStartHook");
                }

                return false;
            }

            _probes[running.Id] = probes = Probe(obj, container, running, known);
        }

        await probes.AdvanceAsync().ConfigureAwait(false);
        if (probes.Condemned is { } condemned)
        {
            var name = condemned.ToString().ToLowerInvariant();
            var probe = condemned == ProbeType.Startup ? container.StartupProbe : container.LivenessProbe;
            stop.Begin(
                obj, container, running, Grace(probe?.TerminationGracePeriodSeconds ?? pod.Spec.TerminationGracePeriodSeconds),
                $"Container {container.Name} failed {name} probe, will be restarted");
        }

        return true;
    }

    public async ValueTask EndAsync(string? containerId = null)
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

    /// <summary>The time a container has to end.</summary>
    public static TimeSpan Grace(long? seconds) => TimeSpan.FromSeconds(seconds ?? 30);

    // After a restart of the agent, a container stays what it was until a probe says otherwise.
    private ContainerProbes Probe(ApiObject obj, Container container, ContainerState running, ContainerStatus? known) => new(
        container, running.StartedAt ?? services.Time.GetUtcNow(), known?.Ready ?? false, known?.Started ?? false,
        (probe, token) => probeAction.AskAsync(probe, container, running.Id, containers.Addresses is [var address, ..] ? address : services.NodeAddress, token),
        (type, output) => events.Container(obj, container, "Warning", "Unhealthy", $"{type} probe failed: {output.TrimEnd()}"),
        watched.Wake,
        services.Time);
}
