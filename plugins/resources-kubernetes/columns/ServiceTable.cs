using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of services.</summary>
internal sealed class ServiceTable : ITableRenderer
{
    private ServiceTable()
    {
    }

    public static ServiceTable Instance { get; } = new();

    public static bool OwnTableLayout => true;

    public static IReadOnlyList<ResourceColumn> Columns { get; } =
    [
        TableCells.Name,
        new("Type", "string", "", "How the service is reached."),
        new("Cluster-IP", "string", "", "The service's address inside the cluster."),
        new("External-IP", "string", "", "Where the service is reached from outside."),
        new("Port(s)", "string", "", "The service's ports and their protocols."),
        TableCells.Age,
        new("Selector", "string", "", "The labels of the pods behind the service.", 1),
    ];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        cells.Add(TableCells.NameOf(obj));
        cells.Add(obj.GetString("spec.type") ?? "");
        cells.Add(TableCells.TextOrNone(obj, "spec.clusterIP"));
        cells.Add(ExternalOf(obj));
        cells.Add(TableCells.Joined(obj.Entries("spec.ports").Select(PortOf)));
        cells.Add(TableCells.AgeOf(obj, now));
        cells.Add(TableCells.Selector(obj, "spec.selector"));
    }

    private static string ExternalOf(JsonElement service)
    {
        var type = service.GetString("spec.type");
        if (type == "ExternalName")
        {
            return service.GetString("spec.externalName") ?? "";
        }

        var addresses = service.Entries("spec.externalIPs").Select(address => address.GetString() ?? "").ToList();
        if (type != "LoadBalancer")
        {
            return TableCells.Joined(addresses);
        }

        var balancers = service.Entries("status.loadBalancer.ingress")
            .Select(ingress => ingress.GetString("ip") ?? ingress.GetString("hostname") ?? "");
        var all = balancers.Concat(addresses).Where(address => address.Length > 0).ToList();
        return all.Count == 0 ? "<pending>" : string.Join(',', all);
    }

    private static string PortOf(JsonElement port)
    {
        var protocol = port.GetString("protocol") ?? "TCP";
        return port.GetInt64("nodePort") is { } nodePort and > 0
            ? $"{port.GetInt64("port")}:{nodePort}/{protocol}"
            : $"{port.GetInt64("port")}/{protocol}";
    }
}
