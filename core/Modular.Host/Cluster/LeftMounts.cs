using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Modular.Host.Cluster;

/// <summary>What plugins had mounted in a cluster's directory, such as volumes in memory, and nobody needs once the cluster is down.</summary>
internal static partial class LeftMounts
{
    private const int Detach = 2;

    /// <summary>Takes away everything that is mounted below a directory.</summary>
    /// <exception cref="IOException">Something can't be taken away.</exception>
    public static void Remove(string directory)
    {
        foreach (var path in Below(directory + "/").OrderByDescending(path => path.Length))
        {
            if (Unmount(path, Detach) != 0)
            {
                throw new IOException($"{path} stays mounted: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
            }
        }
    }

    private static List<string> Below(string directory)
    {
        const int mountPoint = 4;
        return [.. File.ReadLines("/proc/self/mountinfo").Select(line => Unescape(line.Split(' ')[mountPoint]))
            .Where(path => path.StartsWith(directory, StringComparison.Ordinal))];
    }

    private static string Unescape(string path) => path.Replace(@"\040", " ", StringComparison.Ordinal).Replace(@"\011", "\t", StringComparison.Ordinal)
        .Replace(@"\012", "\n", StringComparison.Ordinal).Replace(@"\134", @"\", StringComparison.Ordinal);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string path, int flags);
}
