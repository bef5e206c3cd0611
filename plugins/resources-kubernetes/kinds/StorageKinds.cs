using Modular.Plugins.ResourcesKubernetes.Columns;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Kinds;

/// <summary>The kinds of volumes.</summary>
internal static class StorageKinds
{
    public static Dictionary<string, KindRules> All() => new(StringComparer.Ordinal)
    {
        ["v1/persistentvolumes"] = new()
        {
            Strategy = PersistentVolumeStrategy.Instance,
            Table = StorageTables.PersistentVolume,
            TracksGeneration = false,
            ReturnsDeletedObject = true,
        },
        ["v1/persistentvolumeclaims"] = new()
        {
            Strategy = PersistentVolumeClaimStrategy.Instance,
            Table = StorageTables.PersistentVolumeClaim,
            TracksGeneration = false,
            ReturnsDeletedObject = true,
        },
        ["storage.k8s.io/v1/storageclasses"] = new()
        {
            Strategy = StorageClassStrategy.Instance,
            Table = StorageTables.StorageClass,
            TracksGeneration = false,
            ReturnsDeletedObject = true,
        },
        ["storage.k8s.io/v1/volumeattributesclasses"] = new()
        {
            Strategy = VolumeAttributesClassStrategy.Instance,
            Table = StorageTables.VolumeAttributesClass,
            TracksGeneration = false,
            ReturnsDeletedObject = true,
        },
        ["storage.k8s.io/v1/volumeattachments"] = new()
        {
            Strategy = VolumeAttachmentStrategy.Instance,
            Table = StorageTables.VolumeAttachment,
            TracksGeneration = false,
            UpdateNeedsRevision = true,
            ReturnsDeletedObject = true,
        },
        ["storage.k8s.io/v1/csidrivers"] = new()
        {
            Strategy = CsiDriverStrategy.Instance,
            Table = StorageTables.CsiDriver,
            TracksGeneration = false,
            UpdateNeedsRevision = true,
            ReturnsDeletedObject = true,
        },
        ["storage.k8s.io/v1/csinodes"] = new()
        {
            Table = StorageTables.CsiNode,
            TracksGeneration = false,
            UpdateNeedsRevision = true,
            ReturnsDeletedObject = true,
        },
        ["storage.k8s.io/v1/csistoragecapacities"] = new()
        {
            Table = StorageTables.CsiStorageCapacity,
            TracksGeneration = false,
            UpdateNeedsRevision = true,
        },
    };
}
