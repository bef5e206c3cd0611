using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The tables of what governs pods: budgets, priorities, classes, quotas and limits.</summary>
internal static class PolicyTables
{
    public static KindTable PodDisruptionBudget { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Min Available", "How many pods must be left.", obj => TableCells.NumberOrText(obj, "spec.minAvailable", "N/A")),
        TableColumn.Of("Max Unavailable", "How many pods may be missing.", obj => TableCells.NumberOrText(obj, "spec.maxUnavailable", "N/A")),
        TableColumn.Number("Allowed Disruptions", "How many pods may go now.", "status.disruptionsAllowed"),
        TableColumn.Age);

    public static KindTable PriorityClass { get; } = new(
        TableColumn.Name,
        TableColumn.Number("Value", "The priority of its pods.", "value"),
        TableColumn.Flag("Global-Default", "Whether pods have it that name none.", "globalDefault"),
        TableColumn.Age,
        TableColumn.Of("PreemptionPolicy", "Whether others must make room.", obj => obj.GetString("preemptionPolicy") ?? "PreemptLowerPriority"));

    public static KindTable RuntimeClass { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Handler", "What the runtime calls it.", "handler"),
        TableColumn.Age);

    public static KindTable ResourceQuota { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Request", "What is requested, of what may be.", obj => UsedOf(obj, limits: false)),
        TableColumn.Of("Limit", "The limits, of what they may be.", obj => UsedOf(obj, limits: true)),
        TableColumn.Age);

    public static KindTable LimitRange { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Created At", "When it was made.", "metadata.creationTimestamp"));

    public static KindTable PodTemplate { get; } = new(
        TableColumn.Name,
        PodTemplateColumns.Containers("template"),
        PodTemplateColumns.Images("template"),
        TableColumn.Of("Pod Labels", "The labels of pods made of it.", obj => TableCells.Selector(obj, "template.metadata.labels")));

    private static string UsedOf(JsonElement quota, bool limits)
    {
        if (quota.Get("status.hard") is not { ValueKind: JsonValueKind.Object } hard)
        {
            return "";
        }

        var used = quota.Get("status.used");
        var resources = hard.EnumerateObject()
            .Where(resource => resource.Name.StartsWith("limits.", StringComparison.Ordinal) == limits)
            .OrderBy(resource => resource.Name, StringComparer.Ordinal)
            .Select(resource => $"{resource.Name}: {UsedOf(used, resource.Name)}/{resource.Value.GetString()}");
        return string.Join(", ", resources);
    }

    private static string UsedOf(JsonElement used, string resource) =>
        used.ValueKind == JsonValueKind.Object && used.TryGetProperty(resource, out var amount) ? amount.GetString() ?? "0" : "0";
}
