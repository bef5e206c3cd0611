using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of endpoint slices.</summary>
internal static class EndpointSliceTable
{
    private const int Shown = 3;
    private const string Unset = "<unset>";

    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Text("AddressType", "What kind of addresses the slice holds.", "addressType"),
        TableColumn.Of("Ports", "The ports of every endpoint; the first few if there are many.", obj => FirstOf([.. obj.Entries("ports").Select(PortOf)])),
        TableColumn.Of(
            "Endpoints", "The addresses of the endpoints; the first few if there are many.",
            obj => FirstOf([.. obj.Entries("endpoints").SelectMany(e => e.Entries("addresses")).Select(a => a.GetString() ?? "")])),
        TableColumn.Age);

    private static string PortOf(JsonElement port) => port.GetInt64("port") is { } number ? $"{number}" : "*";

    private static string FirstOf(List<string> texts) => texts.Count switch
    {
        0 => Unset,
        <= Shown => string.Join(',', texts),
        _ => $"{string.Join(',', texts.Take(Shown))} + {texts.Count - Shown} more...",
    };
}
