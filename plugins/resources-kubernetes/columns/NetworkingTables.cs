using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The tables of how pods are reached, beside services.</summary>
internal static class NetworkingTables
{
    public static KindTable Ingress { get; } = new(
        TableColumn.Name,
        TableColumn.TextOrNone("Class", "Which controller carries it out.", "spec.ingressClassName"),
        TableColumn.Of("Hosts", "The hosts whose requests it takes.", HostsOf),
        TableColumn.Of("Address", "Where it is reached.", obj => string.Join(',', obj.Entries("status.loadBalancer.ingress").Select(AddressOf))),
        TableColumn.Of("Ports", "The ports it takes requests at.", obj => TableCells.CountOf(obj, "spec.tls") > 0 ? "80, 443" : "80"),
        TableColumn.Age);

    public static KindTable IngressClass { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Controller", "Who carries ingresses of the class out.", "spec.controller"),
        TableColumn.Of("Parameters", "What else there is to say to it.", ParametersOf),
        TableColumn.Age);

    public static KindTable NetworkPolicy { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Pod-Selector", "The pods it protects.", obj => TableCells.LabelSelector(obj, "spec.podSelector")),
        TableColumn.Age);

    public static KindTable ServiceCidr { get; } = new(
        TableColumn.Name,
        TableColumn.Of("CIDRs", "The ranges of addresses.", obj => string.Join(',', obj.Entries("spec.cidrs").Select(range => range.GetString()))),
        TableColumn.Age);

    public static KindTable IPAddress { get; } = new(
        TableColumn.Name,
        TableColumn.Of("ParentRef", "Who has the address.", ParentOf));

    private const int Shown = 3;

    private static string HostsOf(JsonElement ingress)
    {
        var hosts = ingress.Entries("spec.rules").Select(rule => rule.GetString("host")).OfType<string>().Where(host => host.Length > 0).ToList();
        return hosts.Count == 0 ? "*"
            : hosts.Count <= Shown ? string.Join(',', hosts)
            : $"{string.Join(',', hosts.Take(Shown))} + {hosts.Count - Shown} more...";
    }

    private static string AddressOf(JsonElement ingress) => ingress.GetString("ip") is { Length: > 0 } ip ? ip : ingress.GetString("hostname") ?? "";

    private static string ParametersOf(JsonElement ingressClass)
    {
        if (ingressClass.Get("spec.parameters") is not { ValueKind: JsonValueKind.Object } parameters)
        {
            return TableCells.None;
        }

        var group = parameters.GetString("apiGroup") is { Length: > 0 } named ? "." + named : "";
        return $"{parameters.GetString("kind")}{group}/{parameters.GetString("name")}";
    }

    private static string ParentOf(JsonElement address)
    {
        if (address.Get("spec.parentRef") is not { ValueKind: JsonValueKind.Object } parent)
        {
            return "";
        }

        string?[] parts = [parent.GetString("resource"), parent.GetString("namespace"), parent.GetString("name")];
        var group = parent.GetString("group") is { Length: > 0 } named ? "." + named : "";
        return parts[0] + group + "/" + string.Join('/', parts[1..].Where(part => part is { Length: > 0 }));
    }
}
