using Modular.Abstractions;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>A volume can't be had yet; the message is for the user.</summary>
internal sealed class VolumeException(string message) : Exception(message);

/// <summary>Makes a pod's volumes and says where each is on this node.</summary>
internal sealed class VolumePaths(PodDirectories directories)
{
    /// <summary>Makes all volumes; those there already are left as they are.</summary>
    /// <exception cref="VolumeException">One can't be had.</exception>
    public IReadOnlyDictionary<string, string> Ensure(Pod pod)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in pod.Spec.Volumes)
        {
            try
            {
                paths[volume.Name] = Ensure(pod, volume);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new VolumeException($"MountVolume.SetUp failed for volume \"{volume.Name}\" : {exception.Message}");
            }
        }

        return paths;
    }

    /// <summary>What a container sees of them.</summary>
    public static IReadOnlyList<ContainerMount> Mounts(
        Container container, IReadOnlyDictionary<string, string> paths, IReadOnlyDictionary<string, string> variables)
    {
        var mounts = new List<ContainerMount>();
        foreach (var mount in container.VolumeMounts)
        {
            var path = paths.TryGetValue(mount.Name, out var found)
                ? found
                : throw new ContainerConfigException($"volume \"{mount.Name}\" is not among the pod's volumes");
            var part = mount.SubPathExpr.Length > 0 ? VariableExpansion.Expand(mount.SubPathExpr, variables) : mount.SubPath;
            if (part.Length > 0)
            {
                if (Path.IsPathRooted(part) || part.Split('/').Contains(".."))
                {
                    throw new ContainerConfigException($"subPath \"{part}\" leads out of its volume");
                }

                path = Path.Combine(path, part);
                if (!Path.Exists(path))
                {
                    Directory.CreateDirectory(path);
                }
            }

            mounts.Add(new ContainerMount(path, mount.MountPath, mount.ReadOnly) { Name = mount.Name });
        }

        return mounts;
    }

    private string Ensure(Pod pod, Volume volume)
    {
        if (volume.EmptyDir is not null)
        {
            return Directory.CreateDirectory(directories.Volume(pod.Metadata.Uid, volume.Name)).FullName;
        }

        if (volume.HostPath is { } host)
        {
            return EnsureHostPath(volume.Name, host);
        }

        throw new VolumeException($"volume \"{volume.Name}\" is of a kind that this node does not serve yet; it serves emptyDir and hostPath");
    }

    private static string EnsureHostPath(string volume, HostPathVolume host)
    {
        switch (host.Type)
        {
            case "DirectoryOrCreate":
                Directory.CreateDirectory(host.Path);
                break;
            case "FileOrCreate" when !File.Exists(host.Path):
                File.WriteAllBytes(host.Path, []);
                break;
            default:
                break;
        }

        var fits = host.Type switch
        {
            "" or "FileOrCreate" or "DirectoryOrCreate" => Path.Exists(host.Path),
            "Directory" => Directory.Exists(host.Path),
            "File" => File.Exists(host.Path) && (File.GetAttributes(host.Path) & FileAttributes.Device) == 0,
            "Socket" or "CharDevice" or "BlockDevice" => File.Exists(host.Path),
            _ => throw new VolumeException($"hostPath type {host.Type} of volume \"{volume}\" is not known"),
        };
        return fits
            ? host.Path
            : throw new VolumeException(
                $"MountVolume.SetUp failed for volume \"{volume}\" : hostPath type check failed: {host.Path} is not a {(host.Type.Length == 0 ? "path that exists" : host.Type)}");
    }
}
