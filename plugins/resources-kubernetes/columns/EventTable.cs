using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of events.</summary>
internal static class EventTable
{
    public static KindTable Instance { get; } = new(
        TableColumn.Since("Last Seen", "How long ago the event happened last.", LastOf),
        TableColumn.Text("Type", "Whether the event is normal or a warning.", "type"),
        TableColumn.Text("Reason", "Why the event happened, in a word.", "reason"),
        TableColumn.Of("Object", "The object the event is about.", ObjectOf),
        TableColumn.Text("Subobject", "The part of the object the event is about.", "involvedObject.fieldPath").Wide,
        TableColumn.Of("Source", "Who reported the event.", SourceOf).Wide,
        TableColumn.Of("Message", "What happened.", obj => obj.GetString("message")?.Trim() ?? ""),
        TableColumn.Since("First Seen", "How long ago the event happened first.", FirstOf).Wide,
        new TableColumn(new("Count", "integer", "", "How often the event happened."), (obj, _) => CountOf(obj)).Wide,
        TableColumn.Name.Wide);

    private static string? FirstOf(JsonElement obj) => obj.GetString("firstTimestamp") ?? obj.GetString("eventTime");

    private static string? LastOf(JsonElement obj) => obj.GetString("series.lastObservedTime") ?? obj.GetString("lastTimestamp") ?? FirstOf(obj);

    private static long CountOf(JsonElement obj) => (obj.GetInt64("series.count") ?? obj.GetInt64("count")) is { } count and not 0 ? count : 1;

    private static string ObjectOf(JsonElement obj)
    {
        var kind = obj.GetString("involvedObject.kind")?.ToLowerInvariant() ?? "";
        return obj.GetString("involvedObject.name") is { Length: > 0 } name ? $"{kind}/{name}" : kind;
    }

    private static string SourceOf(JsonElement obj)
    {
        var component = obj.GetString("source.component") is { Length: > 0 } source ? source : obj.GetString("reportingComponent") ?? "";
        var host = obj.GetString("source.host") is { Length: > 0 } name ? name : obj.GetString("reportingInstance") ?? "";
        return host.Length == 0 ? component : $"{component}, {host}";
    }
}
