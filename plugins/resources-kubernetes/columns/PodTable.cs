using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of pods.</summary>
internal sealed class PodTable : IKindTable
{
    private PodTable()
    {
    }

    public static PodTable Instance { get; } = new();

    public IReadOnlyList<ResourceColumn> Columns { get; } =
    [
        TableCells.Name,
        new("Ready", "string", "", "How many containers are ready, of how many."),
        new("Status", "string", "", "What the pod as a whole is doing, or why it does not run."),
        new("Restarts", "string", "", "How often containers were restarted, and when last."),
        TableCells.Age,
        new("IP", "string", "", "The pod's address; empty until it has one.", 1),
        new("Node", "string", "", "The node that runs the pod.", 1),
        new("Nominated Node", "string", "", "The node on which room is being made for the pod.", 1),
        new("Readiness Gates", "string", "", "How many of the pod's extra conditions of readiness hold, of how many.", 1),
    ];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        var summary = PodSummary.Of(obj);
        cells.Add(TableCells.NameOf(obj));
        cells.Add($"{summary.ReadyContainers}/{summary.Containers}");
        cells.Add(summary.Reason);
        cells.Add(summary.RestartsAt(now));
        cells.Add(TableCells.AgeOf(obj, now));
        cells.Add(AddressOf(obj));
        cells.Add(TableCells.TextOrNone(obj, "spec.nodeName"));
        cells.Add(TableCells.TextOrNone(obj, "status.nominatedNodeName"));
        cells.Add(ReadinessGatesOf(obj));
    }

    private static string AddressOf(JsonElement pod)
    {
        var first = pod.Entries("status.podIPs").Select(address => address.GetString("ip")).FirstOrDefault();
        return TableCells.OrNone(first ?? pod.GetString("status.podIP"));
    }

    private static string ReadinessGatesOf(JsonElement pod)
    {
        var (gates, open) = (0, 0);
        foreach (var gate in pod.Entries("spec.readinessGates"))
        {
            gates++;
            var type = gate.GetString("conditionType");
            open += pod.Entries("status.conditions").Any(c => c.GetString("type") == type && c.GetString("status") == "True") ? 1 : 0;
        }

        return gates == 0 ? TableCells.None : $"{open}/{gates}";
    }
}
