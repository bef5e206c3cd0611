using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Modular.Host.Cluster;

/// <summary>The descriptors 0, 1 and 2 of this process, which a detached cluster must not share with the terminal that started it.</summary>
internal static partial class StandardStreams
{
    /// <summary>Sends what is written to standard output and error into a file, the runtime's own last words included.</summary>
    public static void Detach(SafeFileHandle log)
    {
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read);
        _ = Duplicate(nothing, 0);
        _ = Duplicate(log, 1);
        _ = Duplicate(log, 2);
    }

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(SafeFileHandle from, int to);
}
