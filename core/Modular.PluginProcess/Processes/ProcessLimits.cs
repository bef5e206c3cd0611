using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Modular.PluginLoader;

namespace Modular.PluginProcess;

/// <summary>Holds a process to what it may take, by means that need no rights beyond those of its owner.</summary>
internal static partial class ProcessLimits
{
    private const int Data = 2; // RLIMIT_DATA
    private const int NoSuchProcess = 3;

    // When the machine has no memory left, a process that can be started again goes before the one that holds the cluster.
    private const string FirstToGo = "1000";

    /// <exception cref="PluginProcessException">The limits can't be set, and why.</exception>
    public static void Set(int pid, PluginLimits limits)
    {
        try
        {
            File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/oom_score_adj"), FirstToGo);
        }
        catch (IOException)
        {
            // It has ended already, and whoever waits for it says so.
            return;
        }

        if (limits.Memory == 0)
        {
            return;
        }

        // Private memory that can be written: heaps and stacks; code, mapped files and address space that is only reserved do not count. The hard limit
        // stays: what the plugin starts and is not part of it, such as a supervisor of containers, has to be able to shake this one off.
        var failed = GetLimit(pid, Data, 0, out var limit) != 0;
        limit.Soft = Math.Min((ulong)limits.Memory, limit.Hard);
        failed = failed || SetLimit(pid, Data, in limit, 0) != 0;
        if (failed && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
        {
            throw new PluginProcessException($"memory can't be limited to {limits.Memory} bytes: {new Win32Exception(error).Message}");
        }
    }

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static partial int GetLimit(int pid, int resource, nint none, out ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static partial int SetLimit(int pid, int resource, in ResourceLimit limit, nint old);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
