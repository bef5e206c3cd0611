using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of endpoints.</summary>
internal static class EndpointsTable
{
    private const int Shown = 3;

    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Endpoints", "The addresses and ports behind the service; the first few if there are many.", EndpointsOf),
        TableColumn.Age);

    private static string EndpointsOf(JsonElement obj)
    {
        var endpoints = obj.Entries("subsets").SelectMany(EndpointsIn).ToList();
        return endpoints.Count > Shown
            ? $"{string.Join(',', endpoints.Take(Shown))} + {endpoints.Count - Shown} more..."
            : TableCells.Joined(endpoints);
    }

    private static IEnumerable<string> EndpointsIn(JsonElement subset)
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
