using System.Globalization;
using System.Runtime.InteropServices;

namespace Modular.Plugins.RuntimeNative;

/// <summary>
/// What the host was started with besides stdin, stdout and stderr, such as the pipe of a script that waits for its end. The supervisor
/// outlives the host, so it must not get any of it.
/// </summary>
internal static partial class InheritedDescriptors
{
    private const int SetFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary>Keeps them from every process that is started from now on.</summary>
    public static void KeepBack()
    {
        foreach (var path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor) && descriptor > 2)
            {
                // The runtime's own are marked already.
                _ = Control(descriptor, SetFlags, CloseOnExec);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command, int argument);
}
