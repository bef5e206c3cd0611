using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The tables of how requests wait for each other.</summary>
internal static class FlowControlTables
{
    public static KindTable FlowSchema { get; } = new(
        TableColumn.Name,
        TableColumn.Text("PriorityLevel", "The level of its requests.", "spec.priorityLevelConfiguration.name"),
        TableColumn.Number("MatchingPrecedence", "Which comes first if several match: the smallest.", "spec.matchingPrecedence"),
        TableColumn.TextOrNone("DistinguisherMethod", "What tells its flows apart.", "spec.distinguisherMethod.type"),
        TableColumn.Age,
        TableColumn.Of("MissingPL", "Whether its level is not there.", MissingOf));

    public static KindTable PriorityLevelConfiguration { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Type", "Whether requests wait.", "spec.type"),
        TableColumn.NumberOrNone("NominalConcurrencyShares", "Its share of what is carried out at once.", "spec.limited.nominalConcurrencyShares"),
        TableColumn.NumberOrNone("Queues", "How many queues it has.", "spec.limited.limitResponse.queuing.queues"),
        TableColumn.NumberOrNone("HandSize", "How many of them a flow may use.", "spec.limited.limitResponse.queuing.handSize"),
        TableColumn.NumberOrNone("QueueLengthLimit", "How many requests wait in one at most.", "spec.limited.limitResponse.queuing.queueLengthLimit"),
        TableColumn.Age);

    private static string MissingOf(JsonElement schema)
    {
        var dangling = schema.Entries("status.conditions").FirstOrDefault(condition => condition.GetString("type") == "Dangling");
        return dangling.ValueKind == JsonValueKind.Undefined ? "?" : dangling.GetString("status") ?? "?";
    }
}
