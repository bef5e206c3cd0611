using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of replication controllers.</summary>
internal sealed class ReplicationControllerTable : ITableRenderer
{
    private ReplicationControllerTable()
    {
    }

    public static ReplicationControllerTable Instance { get; } = new();

    public static bool OwnTableLayout => true;

    public static IReadOnlyList<ResourceColumn> Columns { get; } =
    [
        TableCells.Name,
        new("Desired", "integer", "", "How many pods are wanted."),
        new("Current", "integer", "", "How many pods there are."),
        new("Ready", "integer", "", "How many of the pods are ready."),
        TableCells.Age,
        new("Containers", "string", "", "The containers of each pod.", 1),
        new("Images", "string", "", "The images of these containers.", 1),
        new("Selector", "string", "", "The labels of the pods that are counted.", 1),
    ];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        cells.Add(TableCells.NameOf(obj));
        cells.Add(TableCells.Number(obj, "spec.replicas"));
        cells.Add(TableCells.Number(obj, "status.replicas"));
        cells.Add(TableCells.Number(obj, "status.readyReplicas"));
        cells.Add(TableCells.AgeOf(obj, now));
        cells.Add(TableCells.Joined(OfContainers(obj, "name")));
        cells.Add(TableCells.Joined(OfContainers(obj, "image")));
        cells.Add(TableCells.Selector(obj, "spec.selector"));
    }

    private static IEnumerable<string> OfContainers(JsonElement obj, string field) =>
        obj.Entries("spec.template.spec.containers").Select(container => container.GetString(field) ?? "");
}
