using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The tables of the kinds that keep pods running.</summary>
internal static class AppsTables
{
    public static KindTable Deployment { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Ready", "How many pods are ready, of how many.", obj => ReadyOf(obj)),
        TableColumn.Number("Up-to-date", "How many pods are of the newest template.", "status.updatedReplicas"),
        TableColumn.Number("Available", "How many pods have been ready for long enough.", "status.availableReplicas"),
        TableColumn.Age,
        PodTemplateColumns.Containers().Wide,
        PodTemplateColumns.Images().Wide,
        PodTemplateColumns.Selector().Wide);

    public static KindTable ReplicaSet { get; } = new(
        TableColumn.Name,
        TableColumn.Number("Desired", "How many pods are wanted.", "spec.replicas"),
        TableColumn.Number("Current", "How many pods there are.", "status.replicas"),
        TableColumn.Number("Ready", "How many of the pods are ready.", "status.readyReplicas"),
        TableColumn.Age,
        PodTemplateColumns.Containers().Wide,
        PodTemplateColumns.Images().Wide,
        PodTemplateColumns.Selector().Wide);

    public static KindTable StatefulSet { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Ready", "How many pods are ready, of how many.", obj => ReadyOf(obj)),
        TableColumn.Age,
        PodTemplateColumns.Containers().Wide,
        PodTemplateColumns.Images().Wide);

    public static KindTable DaemonSet { get; } = new(
        TableColumn.Name,
        TableColumn.Number("Desired", "How many nodes are to run a pod.", "status.desiredNumberScheduled"),
        TableColumn.Number("Current", "How many of these nodes have one.", "status.currentNumberScheduled"),
        TableColumn.Number("Ready", "On how many of them it is ready.", "status.numberReady"),
        TableColumn.Number("Up-to-date", "On how many of them it is of the newest template.", "status.updatedNumberScheduled"),
        TableColumn.Number("Available", "On how many of them it has been ready for long enough.", "status.numberAvailable"),
        TableColumn.Of("Node Selector", "The labels of the nodes.", obj => TableCells.Selector(obj, "spec.template.spec.nodeSelector")),
        TableColumn.Age,
        PodTemplateColumns.Containers().Wide,
        PodTemplateColumns.Images().Wide,
        PodTemplateColumns.Selector().Wide);

    public static KindTable HorizontalPodAutoscaler { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Reference", "What is scaled.", obj => $"{obj.GetString("spec.scaleTargetRef.kind")}/{obj.GetString("spec.scaleTargetRef.name")}"),
        TableColumn.Of("Targets", "What is measured, and what it is to be.", AutoscalerTargets.Of),
        TableColumn.NumberOrNone("MinPods", "The smallest number of pods.", "spec.minReplicas"),
        TableColumn.Number("MaxPods", "The largest number of pods.", "spec.maxReplicas"),
        TableColumn.Number("Replicas", "How many pods there are.", "status.currentReplicas"),
        TableColumn.Age);

    public static KindTable ControllerRevision { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Controller", "Whose revision it is.", ControllerOf),
        TableColumn.Number("Revision", "Its number.", "revision"),
        TableColumn.Age);

    private static string ReadyOf(JsonElement obj) => $"{obj.GetInt64("status.readyReplicas") ?? 0}/{obj.GetInt64("spec.replicas") ?? 0}";

    private static string ControllerOf(JsonElement obj)
    {
        var owner = obj.Entries("metadata.ownerReferences").FirstOrDefault(reference => reference.GetBoolean("controller") is true);
        if (owner.ValueKind == JsonValueKind.Undefined)
        {
            return TableCells.None;
        }

        var version = owner.GetString("apiVersion") ?? "";
        var group = version.Contains('/', StringComparison.Ordinal) ? "." + version[..version.IndexOf('/', StringComparison.Ordinal)] : "";
        return $"{owner.GetString("kind")?.ToLowerInvariant()}{group}/{owner.GetString("name")}";
    }
}
