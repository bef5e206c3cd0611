using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The whole table of a kind: its columns, and what fills the cells of each.</summary>
internal sealed class KindTable(params TableColumn[] columns) : IKindTable
{
    public IReadOnlyList<ResourceColumn> Columns { get; } = [.. columns.Select(column => column.Column)];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        foreach (var column in columns)
        {
            cells.Add(column.Cell(obj, now));
        }
    }
}

/// <summary>Renders the rows of a kind, name and age included.</summary>
internal interface IKindTable : ITableRenderer
{
    IReadOnlyList<ResourceColumn> Columns { get; }
}
