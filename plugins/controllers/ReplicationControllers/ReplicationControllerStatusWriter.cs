using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;
using Modular.Toolkit;

namespace Modular.Plugins.Controllers.ReplicationControllers;

/// <summary>Writes a replication controller's numbers and its condition ReplicaFailure.</summary>
internal sealed class ReplicationControllerStatusWriter(IApiClient api, TimeProvider time)
{
    private const string ReplicaFailure = "ReplicaFailure";

    /// <summary>Writes what changed.</summary>
    /// <returns>When a ready pod becomes available; null if none is about to.</returns>
    public async ValueTask<TimeSpan?> WriteAsync(
        ApiObject obj, List<ApiObject> pods, string failureReason, string failureMessage, CancellationToken cancellationToken)
    {
        var controller = obj.AsReplicationController();
        var labels = controller.Spec.Template?.Metadata.Labels ?? controller.Spec.Selector;
        int labeled = 0, ready = 0, available = 0;
        TimeSpan? soonest = null;
        foreach (var pod in pods)
        {
            labeled += labels.Count == 0 || LabelMap.Selects(labels, pod.Metadata.Labels) ? 1 : 0;
            if (Condition.Find(pod.AsPod().Status.Conditions, "Ready") is not { IsTrue: true } readiness)
            {
                continue;
            }

            ready++;
            var wait = Wait(readiness, controller.Spec.MinReadySeconds);
            if (wait <= TimeSpan.Zero)
            {
                available++;
            }
            else if (soonest is null || wait < soonest)
            {
                soonest = wait;
            }
        }

        var status = controller.Status;
        var conditions = Conditions(status.Conditions, failureReason, failureMessage);
        if (conditions.Count == 0 && status.Replicas == pods.Count && status.FullyLabeledReplicas == labeled && status.ReadyReplicas == ready
            && status.AvailableReplicas == available && status.ObservedGeneration == obj.Metadata.Generation)
        {
            return soonest;
        }

        var patch = new JsonObject
        {
            ["replicas"] = pods.Count,
            ["fullyLabeledReplicas"] = labeled,
            ["readyReplicas"] = ready,
            ["availableReplicas"] = available,
            ["observedGeneration"] = obj.Metadata.Generation,
        };
        if (conditions.Count > 0)
        {
            patch["conditions"] = conditions;
        }

        var name = new ResourceName(KubernetesResources.ReplicationControllers, obj.Metadata.Namespace, obj.Metadata.Name);
        await StatusPatch.SendAsync(api, name, patch, cancellationToken).ConfigureAwait(false);
        return soonest;
    }

    private TimeSpan Wait(Condition readiness, int minReadySeconds) => minReadySeconds <= 0 || readiness.LastTransitionTime is not { } since
        ? TimeSpan.Zero
        : since + TimeSpan.FromSeconds(minReadySeconds) - time.GetUtcNow();

    private JsonArray Conditions(IReadOnlyList<Condition> present, string reason, string message)
    {
        if (reason.Length > 0)
        {
            var failure = StatusPatch.Condition(present, ReplicaFailure, "True", reason, message, time.GetUtcNow());
            return failure is null ? [] : [failure];
        }

        return Condition.Find(present, ReplicaFailure) is null ? [] : [new JsonObject { ["$patch"] = "delete", ["type"] = ReplicaFailure }];
    }
}
