using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.Kernel.Plugins;

/// <summary>The columns of lists of plugins.</summary>
internal sealed class PluginTable : ITableRenderer
{
    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        var status = Member(obj, "status");
        var plugin = Text(status, "plugin");
        cells.Add(plugin.Length > 0 ? plugin : Text(Member(obj, "spec"), "plugin"));
        cells.Add(Text(status, "version"));
        cells.Add(Text(status, "phase") is { Length: > 0 } phase ? phase : nameof(PluginPhase.Pending));
        cells.Add(Ready(status));
        cells.Add(Text(status, "role"));
    }

    private static string Ready(JsonElement status)
    {
        if (Member(status, "conditions") is not { ValueKind: JsonValueKind.Array } conditions)
        {
            return "False";
        }

        foreach (var condition in conditions.EnumerateArray())
        {
            if (Text(condition, "type") == PluginConditions.Ready)
            {
                return Text(condition, "status") == "True" ? "True" : $"False ({Text(condition, "reason")})";
            }
        }

        return "False";
    }

    private static JsonElement Member(JsonElement obj, string name) =>
        obj.ValueKind == JsonValueKind.Object && obj.TryGetProperty(name, out var value) ? value : default;

    private static string Text(JsonElement obj, string name) =>
        Member(obj, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";
}
