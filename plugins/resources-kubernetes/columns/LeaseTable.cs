using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of leases.</summary>
internal sealed class LeaseTable : ITableRenderer
{
    private LeaseTable()
    {
    }

    public static LeaseTable Instance { get; } = new();

    public static bool OwnTableLayout => false;

    public static IReadOnlyList<ResourceColumn> Columns { get; } = [new("Holder", "string", "", "Who has the lease.")];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells) => cells.Add(obj.GetString("spec.holderIdentity") ?? "");
}
