using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of service accounts.</summary>
internal sealed class ServiceAccountTable : ITableRenderer
{
    private ServiceAccountTable()
    {
    }

    public static ServiceAccountTable Instance { get; } = new();

    public static bool OwnTableLayout => false;

    public static IReadOnlyList<ResourceColumn> Columns { get; } = [new("Secrets", "integer", "", "How many secrets the account refers to.")];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells) => cells.Add(TableCells.CountOf(obj, "secrets"));
}
