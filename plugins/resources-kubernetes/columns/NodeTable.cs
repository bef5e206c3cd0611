using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of nodes.</summary>
internal static class NodeTable
{
    private const string RolePrefix = "node-role.kubernetes.io/";
    private const string RoleLabel = "kubernetes.io/role";

    public static KindTable Instance { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Status", "Whether the node is ready for pods.", StatusOf),
        TableColumn.Of("Roles", "What the node is for, told by its labels.", obj => TableCells.Joined(RolesOf(obj).Order(StringComparer.Ordinal))),
        TableColumn.Age,
        TableColumn.Text("Version", "The version of the agent on the node.", "status.nodeInfo.kubeletVersion"),
        TableColumn.Of("Internal-IP", "The node's address inside the cluster.", obj => AddressOf(obj, "InternalIP")).Wide,
        TableColumn.Of("External-IP", "The node's address from outside, if it has one.", obj => AddressOf(obj, "ExternalIP")).Wide,
        TableColumn.Of("OS-Image", "The operating system the node itself reports.", obj => OrUnknown(obj, "status.nodeInfo.osImage")).Wide,
        TableColumn.Of("Kernel-Version", "The version of the node's kernel.", obj => OrUnknown(obj, "status.nodeInfo.kernelVersion")).Wide,
        TableColumn.Of("Container-Runtime", "What runs the containers, and its version.", obj => OrUnknown(obj, "status.nodeInfo.containerRuntimeVersion")).Wide);

    private static string StatusOf(JsonElement node)
    {
        var ready = node.Entries("status.conditions").FirstOrDefault(condition => condition.GetString("type") == "Ready");
        var status = ready.ValueKind == JsonValueKind.Undefined ? "Unknown" : ready.GetString("status") == "True" ? "Ready" : "NotReady";
        return node.GetBoolean("spec.unschedulable") is true ? status + ",SchedulingDisabled" : status;
    }

    private static HashSet<string> RolesOf(JsonElement node)
    {
        var roles = new HashSet<string>(StringComparer.Ordinal);
        if (node.Get("metadata.labels") is not { ValueKind: JsonValueKind.Object } labels)
        {
            return roles;
        }

        foreach (var label in labels.EnumerateObject())
        {
            if (label.Name.StartsWith(RolePrefix, StringComparison.Ordinal) && label.Name.Length > RolePrefix.Length)
            {
                roles.Add(label.Name[RolePrefix.Length..]);
            }
            else if (label.Name == RoleLabel && label.Value.GetString() is { Length: > 0 } role)
            {
                roles.Add(role);
            }
        }

        return roles;
    }

    private static string AddressOf(JsonElement node, string type) => TableCells.OrNone(
        node.Entries("status.addresses").FirstOrDefault(address => address.GetString("type") == type).GetString("address"));

    private static string OrUnknown(JsonElement node, string path) =>
        node.GetString(path) is { Length: > 0 } text ? text : TableCells.Unknown;
}
