using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of config maps.</summary>
internal sealed class ConfigMapTable : ITableRenderer
{
    private ConfigMapTable()
    {
    }

    public static ConfigMapTable Instance { get; } = new();

    public static bool OwnTableLayout => false;

    public static IReadOnlyList<ResourceColumn> Columns { get; } = [new("Data", "integer", "", "How many entries there are.")];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells) =>
        cells.Add(TableCells.CountOf(obj, "data") + TableCells.CountOf(obj, "binaryData"));
}
