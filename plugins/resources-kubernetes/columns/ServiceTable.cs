using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of services.</summary>
internal static class ServiceTable
{
    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Type", "How the service is reached.", "spec.type"),
        TableColumn.TextOrNone("Cluster-IP", "The service's address inside the cluster.", "spec.clusterIP"),
        TableColumn.Of("External-IP", "Where the service is reached from outside.", ExternalOf),
        TableColumn.Of("Port(s)", "The service's ports and their protocols.", obj => TableCells.Joined(obj.Entries("spec.ports").Select(PortOf))),
        TableColumn.Age,
        TableColumn.Of("Selector", "The labels of the pods behind the service.", obj => TableCells.Selector(obj, "spec.selector")).Wide);

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
