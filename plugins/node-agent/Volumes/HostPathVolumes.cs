using Modular.Models;
using Modular.Plugins.NodeAgent.Native;

namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>Paths of the node as volumes: made if that is wished for, checked to be what the pod expects.</summary>
internal static class HostPathVolumes
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode DirectoryMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <exception cref="VolumeException">It is not what the pod expects.</exception>
    public static PodVolume Ensure(HostPathVolume host)
    {
        var found = FileTypes.Of(host.Path);
        if (found == FileType.Missing && host.Type is "" or "DirectoryOrCreate")
        {
            Directory.CreateDirectory(host.Path, DirectoryMode);
        }
        else if (found == FileType.Missing && host.Type == "FileOrCreate")
        {
            using var created = new FileStream(host.Path, new FileStreamOptions
            {
                Mode = System.IO.FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                UnixCreateMode = FileMode,
            });
        }

        var (wanted, name) = host.Type switch
        {
            "" => (FileTypes.Of(host.Path), ""),
            "Directory" or "DirectoryOrCreate" => (FileType.Directory, "directory"),
            "File" or "FileOrCreate" => (FileType.File, "file"),
            "Socket" => (FileType.Socket, "socket file"),
            "CharDevice" => (FileType.CharDevice, "character device"),
            "BlockDevice" => (FileType.BlockDevice, "block device"),
            _ => throw new VolumeException($"{host.Type} is an invalid volume type"),
        };
        return FileTypes.Of(host.Path) == wanted
            ? new PodVolume(host.Path, ReadOnly: false)
            : throw new VolumeException($"hostPath type check failed: {host.Path} is not a {name}");
    }
}
