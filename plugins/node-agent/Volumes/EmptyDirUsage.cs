using Modular.ApiMachinery;
using Modular.Models;
using Modular.Plugins.NodeAgent.Native;

namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>Looks whether a pod keeps more in its emptyDir volumes than it said.</summary>
internal static class EmptyDirUsage
{
    public static bool IsLimited(Pod pod) => pod.Spec.Volumes.Any(volume => volume.EmptyDir is { SizeLimit.Length: > 0 });

    /// <summary>The first volume that holds too much; null for none.</summary>
    public static Volume? Exceeded(Pod pod, IReadOnlyDictionary<string, PodVolume> volumes) => pod.Spec.Volumes.FirstOrDefault(
        volume => volume.EmptyDir is { SizeLimit.Length: > 0 } directory && Bytes(volumes[volume.Name].Path) > Quantity.Parse(directory.SizeLimit).ToLong());

    /// <summary>What the files take on the disk: holes take nothing, and a file with several names counts once.</summary>
    private static long Bytes(string path)
    {
        var sum = 0L;
        var counted = new HashSet<(uint, uint, ulong)>();
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        foreach (var file in Directory.EnumerateFileSystemEntries(path, "*", all))
        {
            try
            {
                var status = FileStatus.Of(file);
                sum += status.Names == 1 || counted.Add(status.Identity) ? status.AllocatedBytes : 0;
            }
            catch (IOException)
            {
                // Removed meanwhile.
            }
        }

        return sum;
    }
}
