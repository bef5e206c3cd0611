using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of endpoints.</summary>
internal sealed class EndpointsTable : ITableRenderer
{
    private const int Shown = 3;

    private EndpointsTable()
    {
    }

    public static EndpointsTable Instance { get; } = new();

    public static bool OwnTableLayout => false;

    public static IReadOnlyList<ResourceColumn> Columns { get; } =
        [new("Endpoints", "string", "", "The addresses and ports behind the service; the first few if there are many.")];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        var endpoints = obj.Entries("subsets").SelectMany(EndpointsOf).ToList();
        cells.Add(endpoints.Count > Shown
            ? $"{string.Join(',', endpoints.Take(Shown))} + {endpoints.Count - Shown} more..."
            : TableCells.Joined(endpoints));
    }

    private static IEnumerable<string> EndpointsOf(JsonElement subset)
    {
        var addresses = subset.Entries("addresses").Select(address => address.GetString("ip") ?? "").ToList();
        if (TableCells.CountOf(subset, "ports") == 0)
        {
            return addresses;
        }

        return subset.Entries("ports").SelectMany(port => addresses.Select(address => Join(address, port.GetInt64("port"))));
    }

    private static string Join(string address, long? port) =>
        address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:{port}" : $"{address}:{port}";
}
