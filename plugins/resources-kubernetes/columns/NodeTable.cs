using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The table of nodes.</summary>
internal sealed class NodeTable : ITableRenderer
{
    private const string RolePrefix = "node-role.kubernetes.io/";
    private const string RoleLabel = "kubernetes.io/role";

    private NodeTable()
    {
    }

    public static NodeTable Instance { get; } = new();

    public static bool OwnTableLayout => true;

    public static IReadOnlyList<ResourceColumn> Columns { get; } =
    [
        TableCells.Name,
        new("Status", "string", "", "Whether the node is ready for pods."),
        new("Roles", "string", "", "What the node is for, told by its labels."),
        TableCells.Age,
        new("Version", "string", "", "The version of the agent on the node."),
        new("Internal-IP", "string", "", "The node's address inside the cluster.", 1),
        new("External-IP", "string", "", "The node's address from outside, if it has one.", 1),
        new("OS-Image", "string", "", "The operating system the node itself reports.", 1),
        new("Kernel-Version", "string", "", "The version of the node's kernel.", 1),
        new("Container-Runtime", "string", "", "What runs the containers, and its version.", 1),
    ];

    public void Render(JsonElement obj, DateTimeOffset now, IList<JsonNode?> cells)
    {
        cells.Add(TableCells.NameOf(obj));
        cells.Add(StatusOf(obj));
        cells.Add(TableCells.Joined(RolesOf(obj).Order(StringComparer.Ordinal)));
        cells.Add(TableCells.AgeOf(obj, now));
        cells.Add(obj.GetString("status.nodeInfo.kubeletVersion") ?? "");
        cells.Add(AddressOf(obj, "InternalIP"));
        cells.Add(AddressOf(obj, "ExternalIP"));
        cells.Add(OrUnknown(obj, "status.nodeInfo.osImage"));
        cells.Add(OrUnknown(obj, "status.nodeInfo.kernelVersion"));
        cells.Add(OrUnknown(obj, "status.nodeInfo.containerRuntimeVersion"));
    }

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
