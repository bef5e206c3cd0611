using System.Runtime.InteropServices;

namespace Modular.PluginProcess;

/// <summary>Signals to processes.</summary>
public static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Sends a signal to a process that is still the one recorded; false if it is gone.</summary>
    public static bool Send(ProcessRecord process, int signal) => process.IsAlive && SendTo(process.Pid, signal) == 0;

    /// <summary>Sends a signal to everything in the process group that a process leads, led or is about to lead.</summary>
    internal static void SendToGroup(int leader, int signal)
    {
        // One that has only just been started has no group of its own yet.
        if (SendTo(-leader, signal) != 0)
        {
            _ = SendTo(leader, signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int SendTo(int pid, int signal);
}
