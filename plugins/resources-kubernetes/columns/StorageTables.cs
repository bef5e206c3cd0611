using System.Text.Json;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The tables of volumes and of what provides them.</summary>
internal static class StorageTables
{
    public static KindTable PersistentVolume { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Capacity", "Its size.", obj => TableCells.Quantity(obj, "spec.capacity.storage")),
        TableColumn.Of("Access Modes", "How it can be mounted.", obj => ModesOf(obj, "spec.accessModes")),
        TableColumn.Text("Reclaim Policy", "What becomes of it when nobody claims it any more.", "spec.persistentVolumeReclaimPolicy"),
        TableColumn.Of("Status", "Whether somebody has it.", obj => PhaseOf(obj)),
        TableColumn.Of("Claim", "Who has it.", ClaimOf),
        TableColumn.Text("StorageClass", "Its class.", "spec.storageClassName"),
        TableColumn.Of("VolumeAttributesClass", "The class of its attributes.", obj => obj.GetString("spec.volumeAttributesClassName") ?? Unset),
        TableColumn.Text("Reason", "Why it is so.", "status.reason"),
        TableColumn.Age,
        TableColumn.Of("VolumeMode", "Whether it is a file system or a block device.", obj => obj.GetString("spec.volumeMode") ?? Unset).Wide);

    public static KindTable PersistentVolumeClaim { get; } = new(
        TableColumn.Name,
        TableColumn.Of("Status", "Whether it has a volume.", obj => PhaseOf(obj)),
        TableColumn.Text("Volume", "Its volume.", "spec.volumeName"),
        TableColumn.Of("Capacity", "The volume's size.", obj => IsBound(obj) ? TableCells.Quantity(obj, "status.capacity.storage") : ""),
        TableColumn.Of("Access Modes", "How it can be mounted.", obj => IsBound(obj) ? ModesOf(obj, "status.accessModes") : ""),
        TableColumn.Text("StorageClass", "The class of volumes it asks for.", "spec.storageClassName"),
        TableColumn.Of("VolumeAttributesClass", "The class of attributes it asks for.", obj => obj.GetString("spec.volumeAttributesClassName") ?? Unset),
        TableColumn.Age,
        TableColumn.Of("VolumeMode", "Whether it is a file system or a block device.", obj => obj.GetString("spec.volumeMode") ?? Unset).Wide);

    public static KindTable StorageClass { get; } = new(
        TableColumn.Name with { Cell = (obj, _) => StorageClassNameOf(obj) },
        TableColumn.Text("Provisioner", "Who makes its volumes.", "provisioner"),
        TableColumn.Of("ReclaimPolicy", "What becomes of volumes that nobody claims any more.", obj => obj.GetString("reclaimPolicy") ?? "Delete"),
        TableColumn.Of("VolumeBindingMode", "When a claim gets its volume.", obj => obj.GetString("volumeBindingMode") ?? "Immediate"),
        TableColumn.Flag("AllowVolumeExpansion", "Whether volumes can grow.", "allowVolumeExpansion"),
        TableColumn.Age);

    public static KindTable VolumeAttributesClass { get; } = new(
        TableColumn.Name,
        TableColumn.Text("DriverName", "Whose attributes these are.", "driverName"),
        TableColumn.Age);

    public static KindTable VolumeAttachment { get; } = new(
        TableColumn.Name,
        TableColumn.Text("Attacher", "Who attaches the volume.", "spec.attacher"),
        TableColumn.Text("PV", "The volume.", "spec.source.persistentVolumeName"),
        TableColumn.Text("Node", "The node it is attached to.", "spec.nodeName"),
        TableColumn.Flag("Attached", "Whether it is.", "status.attached"),
        TableColumn.Age);

    public static KindTable CsiDriver { get; } = new(
        TableColumn.Name,
        TableColumn.Flag("AttachRequired", "Whether volumes must be attached.", "spec.attachRequired", otherwise: true),
        TableColumn.Flag("PodInfoOnMount", "Whether it is told of the pod.", "spec.podInfoOnMount"),
        TableColumn.Flag("StorageCapacity", "Whether the scheduler asks for room.", "spec.storageCapacity"),
        TableColumn.Of("TokenRequests", "For whom it needs tokens.", obj => TableCells.CountOf(obj, "spec.tokenRequests") == 0 ? Unset : string.Join(',', obj.Entries("spec.tokenRequests").Select(request => request.GetString("audience")))),
        TableColumn.Flag("RequiresRepublish", "Whether it is asked again and again.", "spec.requiresRepublish"),
        TableColumn.Of("Modes", "What its volumes can be.", obj => TableCells.Joined(obj.Entries("spec.volumeLifecycleModes").Select(mode => mode.GetString() ?? ""))),
        TableColumn.Age);

    public static KindTable CsiNode { get; } = new(
        TableColumn.Name,
        TableColumn.Count("Drivers", "How many drivers there are on the node.", "spec.drivers"),
        TableColumn.Age);

    public static KindTable CsiStorageCapacity { get; } = new(
        TableColumn.Name,
        TableColumn.Text("StorageClassName", "The class that has room.", "storageClassName"),
        TableColumn.Of("Capacity", "How much.", obj => TableCells.Quantity(obj, "capacity")));

    private const string Unset = "<unset>";
    private const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    private static readonly (string Mode, string Short)[] Modes =
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];

    private static string PhaseOf(JsonElement obj) => obj.GetString("metadata.deletionTimestamp") is null ? obj.GetString("status.phase") ?? "" : "Terminating";

    private static bool IsBound(JsonElement claim) => claim.GetString("spec.volumeName") is { Length: > 0 };

    private static string ModesOf(JsonElement obj, string path)
    {
        var given = obj.Entries(path).Select(mode => mode.GetString()).ToHashSet(StringComparer.Ordinal);
        return string.Join(',', Modes.Where(known => given.Contains(known.Mode)).Select(known => known.Short));
    }

    private static string ClaimOf(JsonElement volume) => volume.Get("spec.claimRef") is { ValueKind: JsonValueKind.Object } claim
        ? $"{claim.GetString("namespace")}/{claim.GetString("name")}"
        : "";

    private static string StorageClassNameOf(JsonElement storageClass)
    {
        var isDefault = storageClass.Get("metadata.annotations") is { ValueKind: JsonValueKind.Object } annotations
            && annotations.TryGetProperty(DefaultClass, out var value) && value.GetString() == "true";
        return isDefault ? TableCells.NameOf(storageClass) + " (default)" : TableCells.NameOf(storageClass);
    }
}
