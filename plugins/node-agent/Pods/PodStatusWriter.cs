using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.NodeAgent.Pods;

/// <summary>Everything a pod's status is made from.</summary>
internal sealed record PodSituation
{
    public IReadOnlyList<ContainerSituation> InitContainers { get; init; } = [];

    public IReadOnlyList<ContainerSituation> Containers { get; init; } = [];

    public IReadOnlyList<string> Addresses { get; init; } = [];

    public bool SandboxReady { get; init; }

    public bool Initialized { get; init; }

    /// <summary>Overrides the phase that follows from the containers; empty if it does not.</summary>
    public string Phase { get; init; } = "";

    public string Reason { get; init; } = "";

    public string Message { get; init; } = "";
}

/// <summary>Writes a pod's status when it changed.</summary>
internal sealed class PodStatusWriter(AgentServices services, string runtimeName)
{
    private string _written = "";

    /// <summary>The phase that follows from a situation.</summary>
    public static string PhaseOf(PodSituation situation)
    {
        if (situation.Phase.Length > 0)
        {
            return situation.Phase;
        }

        if (situation.Containers.Count > 0 && situation.Containers.All(container => container.IsFinished))
        {
            return situation.Containers.All(container => container.Current!.ExitCode == 0) ? "Succeeded" : "Failed";
        }

        return situation.Initialized && situation.Containers.Any(container => container.Current is { Phase: not ContainerPhase.Created })
            && situation.Containers.All(container => container.Current is not null)
                ? "Running"
                : "Pending";
    }

    public async ValueTask WriteAsync(ApiObject pod, PodSituation situation, CancellationToken cancellationToken)
    {
        var status = Build(pod, pod.AsPod(), situation);
        var text = status.ToJsonString();
        if (text == _written)
        {
            return;
        }

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid }, ["status"] = status };
        var name = new ResourceName(KubernetesResources.Pods, pod.Metadata.Namespace, pod.Metadata.Name);
        await services.Api.PatchAsync(name, PatchType.Strategic, patch, "status", cancellationToken).ConfigureAwait(false);
        _written = text;
    }

    private JsonObject Build(ApiObject obj, Pod pod, PodSituation situation)
    {
        var phase = PhaseOf(situation);
        var status = new JsonObject
        {
            ["phase"] = phase,
            ["hostIP"] = services.NodeAddress,
            ["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = services.NodeAddress }),
            ["startTime"] = StatusPatch.Timestamp(pod.Status.StartTime ?? _start),
            ["observedGeneration"] = obj.Metadata.Generation,
            ["conditions"] = Conditions(pod, situation, phase),
            ["containerStatuses"] = Statuses(situation.Containers),
        };
        if (situation.InitContainers.Count > 0)
        {
            status["initContainerStatuses"] = Statuses(situation.InitContainers);
        }

        var addresses = pod.Spec.HostNetwork ? [services.NodeAddress] : situation.Addresses;
        if (addresses.Count > 0)
        {
            status["podIP"] = addresses[0];
            status["podIPs"] = new JsonArray([.. addresses.Select(address => (JsonNode)new JsonObject { ["ip"] = address })]);
        }

        if (situation.Reason.Length > 0)
        {
            status["reason"] = situation.Reason;
            status["message"] = situation.Message;
        }

        return status;
    }

    private readonly DateTimeOffset _start = services.Time.GetUtcNow();

    private readonly Dictionary<string, (string Status, DateTimeOffset Since)> _since = new(StringComparer.Ordinal);

    private JsonArray Conditions(Pod pod, PodSituation situation, string phase)
    {
        var sidecars = situation.InitContainers.Where(container => PodContainers.IsSidecar(container.Container));
        var unready = sidecars.Concat(situation.Containers).Where(container => !container.Ready).Select(container => container.Container.Name).ToArray();
        var containersReady = unready.Length == 0 && phase == "Running";
        var (reason, message) = phase switch
        {
            _ when containersReady => ("", ""),
            "Succeeded" => ("PodCompleted", ""),
            "Failed" => ("PodFailed", ""),
            _ => ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]"),
        };
        var gates = pod.Spec.ReadinessGates
            .Where(gate => Models.Condition.Find(pod.Status.Conditions, gate.ConditionType) is not { IsTrue: true })
            .Select(gate => gate.ConditionType).ToArray();
        var ready = containersReady && gates.Length == 0;
        return new JsonArray(
            Condition(pod, "PodReadyToStartContainers", situation.SandboxReady, "", ""),
            Condition(
                pod, "Initialized", situation.Initialized, phase == "Succeeded" ? "PodCompleted" : situation.Initialized ? "" : "ContainersNotInitialized", ""),
            Condition(pod, "ContainersReady", containersReady, reason, message),
            Condition(
                pod, "Ready", ready, containersReady && !ready ? "ReadinessGatesNotReady" : reason,
                containersReady && !ready ? $"readiness gates that are not true: {string.Join(", ", gates)}" : message),
            Condition(pod, "PodScheduled", true, "", ""));
    }

    private JsonObject Condition(Pod pod, string type, bool value, string reason, string message)
    {
        var status = value ? "True" : "False";
        if (!_since.TryGetValue(type, out var known) || known.Status != status)
        {
            var old = Models.Condition.Find(pod.Status.Conditions, type);
            known = (status, old is { LastTransitionTime: { } kept } && old.Status == status ? kept : services.Time.GetUtcNow());
            _since[type] = known;
        }

        // What is empty is removed from the condition that is there.
        return new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["lastTransitionTime"] = StatusPatch.Timestamp(known.Since),
            ["reason"] = reason.Length > 0 ? reason : null,
            ["message"] = message.Length > 0 ? message : null,
        };
    }

    private JsonArray Statuses(IReadOnlyList<ContainerSituation> containers) => new([.. containers.Select(container => (JsonNode)Status(container))]);

    private JsonObject Status(ContainerSituation container)
    {
        var current = container.Current;
        var status = new JsonObject
        {
            ["name"] = container.Container.Name,
            ["image"] = container.Container.Image,
            ["imageID"] = current?.Image ?? "",
            ["ready"] = container.Ready,
            ["started"] = container.Started,
            ["restartCount"] = current?.Attempt ?? 0,
            ["lastState"] = new JsonObject(),
        };
        if (current is not null)
        {
            status["containerID"] = Id(current);
        }

        if (container.WaitingReason.Length > 0 || current is null or { Phase: ContainerPhase.Created })
        {
            var waiting = new JsonObject { ["reason"] = container.WaitingReason.Length > 0 ? container.WaitingReason : "ContainerCreating" };
            if (container.WaitingMessage.Length > 0)
            {
                waiting["message"] = container.WaitingMessage;
            }

            status["state"] = new JsonObject { ["waiting"] = waiting };
            // What waits to be restarted shows its end as the last state.
            var last = container.HasEnded ? current : container.Previous;
            if (last is { Phase: ContainerPhase.Exited or ContainerPhase.Unknown })
            {
                status["lastState"] = Terminated(last);
            }
        }
        else
        {
            status["state"] = container.IsRunning
                ? new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Time(current.StartedAt) } }
                : Terminated(current);
            if (container.Previous is { Phase: ContainerPhase.Exited or ContainerPhase.Unknown } previous)
            {
                status["lastState"] = Terminated(previous);
            }
        }

        return status;
    }

    private JsonObject Terminated(Abstractions.ContainerState ended)
    {
        var terminated = new JsonObject
        {
            ["exitCode"] = ended.ExitCode,
            ["reason"] = ended.Reason,
            ["startedAt"] = Time(ended.StartedAt),
            ["finishedAt"] = Time(ended.FinishedAt),
            ["containerID"] = Id(ended),
        };
        if (ended.Message.Length > 0)
        {
            terminated["message"] = ended.Message;
        }

        return new JsonObject { ["terminated"] = terminated };
    }

    private string Id(Abstractions.ContainerState container) => $"{runtimeName}://{container.Id}";

    private static JsonNode? Time(DateTimeOffset? at) => at is { } time ? StatusPatch.Timestamp(time) : null;
}
