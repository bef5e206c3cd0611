using System.Globalization;
using Modular.Plugins.NodeAgent.Native;

namespace Modular.Plugins.NodeAgent.Volumes;

/// <summary>Directories whose content is in memory only. Without the right to mount they are directories like others.</summary>
internal static class MemoryVolume
{
    private const string MountTable = "/proc/self/mountinfo";

    /// <param name="path">The directory; it exists.</param>
    /// <param name="bytes">The most it may hold; 0 for half of the machine's memory.</param>
    /// <param name="mode">The directory's permissions, in octal.</param>
    public static void Mount(string path, long bytes, string mode)
    {
        if (Environment.IsPrivilegedProcess && !Below(path).Contains(path))
        {
            var size = bytes > 0 ? string.Create(CultureInfo.InvariantCulture, $",size={bytes}") : "";
            _ = LibC.mount("tmpfs", path, "tmpfs", LibC.MS_NOSUID | LibC.MS_NODEV, $"mode={mode}{size}");
        }
    }

    /// <summary>Takes away what is mounted at a directory and below it; also what is in use still.</summary>
    public static void UnmountAll(string directory)
    {
        foreach (var path in Below(directory).OrderByDescending(path => path.Length))
        {
            if (LibC.umount2(path, LibC.MNT_DETACH) != 0)
            {
                throw LibC.LastError(path);
            }
        }
    }

    private static List<string> Below(string directory)
    {
        const int mountPoint = 4;
        var inside = directory + "/";
        return [.. File.ReadLines(MountTable).Select(line => Unescape(line.Split(' ')[mountPoint]))
            .Where(path => path == directory || path.StartsWith(inside, StringComparison.Ordinal))];
    }

    private static string Unescape(string path) => path.Replace(@"\040", " ", StringComparison.Ordinal).Replace(@"\011", "\t", StringComparison.Ordinal)
        .Replace(@"\012", "\n", StringComparison.Ordinal).Replace(@"\134", @"\", StringComparison.Ordinal);
}
