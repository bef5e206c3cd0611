using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of namespaces.</summary>
internal sealed class NamespaceTable : ITableRenderer
{
    private NamespaceTable()
    {
    }

    public static NamespaceTable Instance { get; } = new();

    public static bool OwnTableLayout => false;

    public static IReadOnlyList<ResourceColumn> Columns { get; } = [new("Status", "string", "", "Whether the namespace is in use or being cleared.")];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells) => cells.Add(obj.GetString("status.phase") ?? "");
}
