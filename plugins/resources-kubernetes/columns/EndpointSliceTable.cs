using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of endpoint slices.</summary>
internal sealed class EndpointSliceTable : ITableRenderer
{
    private const int Shown = 3;
    private const string Unset = "<unset>";

    private EndpointSliceTable()
    {
    }

    public static EndpointSliceTable Instance { get; } = new();

    public static bool OwnTableLayout => false;

    public static IReadOnlyList<ResourceColumn> Columns { get; } =
    [
        new("AddressType", "string", "", "What kind of addresses the slice holds."),
        new("Ports", "string", "", "The ports of every endpoint; the first few if there are many."),
        new("Endpoints", "string", "", "The addresses of the endpoints; the first few if there are many."),
    ];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        cells.Add(obj.GetString("addressType") ?? "");
        cells.Add(FirstOf([.. obj.Entries("ports").Select(PortOf)]));
        cells.Add(FirstOf([.. obj.Entries("endpoints").SelectMany(e => e.Entries("addresses")).Select(a => a.GetString() ?? "")]));
    }

    private static string PortOf(JsonElement port) => port.GetInt64("port") is { } number ? $"{number}" : "*";

    private static string FirstOf(List<string> texts) => texts.Count switch
    {
        0 => Unset,
        <= Shown => string.Join(',', texts),
        _ => $"{string.Join(',', texts.Take(Shown))} + {texts.Count - Shown} more...",
    };
}
