using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The tables of devices that pods claim.</summary>
internal static class DeviceTables
{
    public static KindTable ResourceClaim { get; } = new(
        TableColumn.Name,
        TableColumn.Of("State", "Whether it has its devices, and somebody them.", StateOf),
        TableColumn.Age);

    public static KindTable ResourceSlice { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Node", "The node with the devices.", "spec.nodeName"),
        TableColumn.Text("Driver", "Whose devices these are.", "spec.driver"),
        TableColumn.Text("Pool", "The pool they are part of.", "spec.pool.name"),
        TableColumn.Age);

    /// <summary>Of kinds of which there is nothing else to tell.</summary>
    public static KindTable Plain { get; } = new(TableColumn.Name, TableColumn.Age);

    private static string StateOf(JsonElement claim)
    {
        List<string> states = [];
        if (claim.GetString("metadata.deletionTimestamp") is not null)
        {
            states.Add("deleted");
        }

        if (claim.Get("status.allocation") is not { ValueKind: JsonValueKind.Object })
        {
            states.Add("pending");
            return string.Join(',', states);
        }

        states.Add("allocated");
        if (TableCells.CountOf(claim, "status.reservedFor") > 0)
        {
            states.Add("reserved");
        }

        return string.Join(',', states);
    }
}
