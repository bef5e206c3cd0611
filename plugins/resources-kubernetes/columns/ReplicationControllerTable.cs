namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of replication controllers.</summary>
internal static class ReplicationControllerTable
{
    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Number("Desired", "How many pods are wanted.", "spec.replicas"),
        TableColumn.Number("Current", "How many pods there are.", "status.replicas"),
        TableColumn.Number("Ready", "How many of the pods are ready.", "status.readyReplicas"),
        TableColumn.Age,
        PodTemplateColumns.Containers().Wide,
        PodTemplateColumns.Images().Wide,
        TableColumn.Of("Selector", "The labels of the pods that are counted.", obj => TableCells.Selector(obj, "spec.selector")).Wide);
}
