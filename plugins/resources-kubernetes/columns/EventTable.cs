using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of events.</summary>
internal sealed class EventTable : ITableRenderer
{
    private EventTable()
    {
    }

    public static EventTable Instance { get; } = new();

    public static bool OwnTableLayout => true;

    public static IReadOnlyList<ResourceColumn> Columns { get; } =
    [
        new("Last Seen", "string", "", "How long ago the event happened last."),
        new("Type", "string", "", "Whether the event is normal or a warning."),
        new("Reason", "string", "", "Why the event happened, in a word."),
        new("Object", "string", "", "The object the event is about."),
        new("Subobject", "string", "", "The part of the object the event is about.", 1),
        new("Source", "string", "", "Who reported the event.", 1),
        new("Message", "string", "", "What happened."),
        new("First Seen", "string", "", "How long ago the event happened first.", 1),
        new("Count", "integer", "", "How often the event happened.", 1),
        TableCells.Name with { Priority = 1 },
    ];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        var first = obj.GetString("firstTimestamp") ?? obj.GetString("eventTime");
        var last = obj.GetString("series.lastObservedTime") ?? obj.GetString("lastTimestamp") ?? first;
        var count = obj.GetInt64("series.count") ?? obj.GetInt64("count");
        cells.Add(TableCells.Since(last, now));
        cells.Add(obj.GetString("type") ?? "");
        cells.Add(obj.GetString("reason") ?? "");
        cells.Add(ObjectOf(obj));
        cells.Add(obj.GetString("involvedObject.fieldPath") ?? "");
        cells.Add(SourceOf(obj));
        cells.Add(obj.GetString("message")?.Trim() ?? "");
        cells.Add(TableCells.Since(first, now));
        cells.Add(count is null or 0 ? 1 : count.Value);
        cells.Add(TableCells.NameOf(obj));
    }

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
