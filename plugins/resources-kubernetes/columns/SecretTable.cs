using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of secrets. It tells how many values there are, and none of them.</summary>
internal sealed class SecretTable : ITableRenderer
{
    private SecretTable()
    {
    }

    public static SecretTable Instance { get; } = new();

    public static bool OwnTableLayout => false;

    public static IReadOnlyList<ResourceColumn> Columns { get; } =
    [
        new("Type", "string", "", "What the secret is used for."),
        new("Data", "integer", "", "How many entries there are."),
    ];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        cells.Add(obj.GetString("type") ?? "");
        cells.Add(TableCells.CountOf(obj, "data"));
    }
}
