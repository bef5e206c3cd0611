using Modular.Abstractions;
using Modular.Models;
using Modular.Plugins.NodeAgent.Containers;

namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>What a container sees of its pod's volumes.</summary>
internal static class VolumeMounts
{
    /// <param name="container">The container.</param>
    /// <param name="volumes">The pod's volumes.</param>
    /// <param name="variables">The container's environment, for parts of volumes whose names are made from it.</param>
    /// <param name="asLinks">Whether the container sees volumes through links rather than mounts.</param>
    /// <exception cref="ContainerConfigException">A mount can't be had as it is described.</exception>
    public static IReadOnlyList<ContainerMount> Of(
        Container container, IReadOnlyDictionary<string, PodVolume> volumes, IReadOnlyDictionary<string, string> variables, bool asLinks)
    {
        var mounts = new List<ContainerMount>(container.VolumeMounts.Count);
        foreach (var mount in container.VolumeMounts)
        {
            var volume = volumes.TryGetValue(mount.Name, out var found)
                ? found
                : throw new ContainerConfigException($"volume \"{mount.Name}\" is not among the pod's volumes");
            CheckPlace(container, mount, asLinks);
            var part = Part(mount, variables);
            mounts.Add(new ContainerMount(
                part.Length == 0 ? volume.Path : Resolve(container, mount, volume, part, asLinks), mount.MountPath, mount.ReadOnly || volume.ReadOnly)
            {
                Name = mount.Name,
                Beneath = part.Length == 0 ? "" : volume.Path,
                Propagation = mount.MountPropagation,
            });
        }

        return mounts;
    }

    private static void CheckPlace(Container container, VolumeMount mount, bool asLinks)
    {
        // A path is the container's root with everything else below it, however it is written.
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine("/", mount.MountPath.TrimStart('/'))));
        if (place == "/")
        {
            throw new ContainerConfigException(
                $"container \"{container.Name}\" mounts volume \"{mount.Name}\" at mountPath \"{mount.MountPath}\", which is its root: choose a directory below it");
        }

        // Processes that see volumes as links keep the machine's own.
        if (!asLinks && (place == "/proc" || place.StartsWith("/proc/", StringComparison.Ordinal)))
        {
            throw new ContainerConfigException(
                $"container \"{container.Name}\" mounts volume \"{mount.Name}\" at mountPath \"{mount.MountPath}\", where every container has its processes: "
                + "choose another mountPath");
        }
    }

    private static string Part(VolumeMount mount, IReadOnlyDictionary<string, string> variables)
    {
        var missing = new List<string>();
        var part = mount.SubPathExpr.Length > 0 ? VariableExpansion.Expand(mount.SubPathExpr, variables, missing) : mount.SubPath;
        if (missing.Count > 0)
        {
            throw new ContainerConfigException($"missing value for \"{missing[0]}\"");
        }

        if (part.StartsWith('/'))
        {
            throw new ContainerConfigException($"error SubPath `{part}` must not be an absolute path");
        }

        return part.Split('/').Contains("..")
            ? throw new ContainerConfigException($"unable to provision SubPath `{part}`: must not contain '..'")
            : part;
    }

    private static string Resolve(Container container, VolumeMount mount, PodVolume volume, string part, bool asLinks)
    {
        try
        {
            var resolved = SubPath.Resolve(volume.Path, part, create: !volume.ReadOnly);
            // A link goes on to lead to the file when the volume's content is exchanged; a mount stays what it was.
            return asLinks ? Path.Combine(volume.Path, part) : resolved;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ContainerConfigException(
                $"failed to prepare subPath for volumeMount \"{mount.Name}\" of container \"{container.Name}\": {exception.Message}");
        }
    }
}
