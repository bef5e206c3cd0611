using System.Runtime.InteropServices;

namespace Modular.RuntimeNative.Supervisor.Native;

/// <summary>What ended a wait.</summary>
internal enum Ready
{
    /// <summary>Nothing happened in time.</summary>
    No,
    /// <summary>The descriptor can be read or written, or has ended.</summary>
    Yes,
    /// <summary>The client closed its connection, or died.</summary>
    ClientGone,
}

/// <summary>Waits for a program's descriptor, but not longer than its client stays.</summary>
internal static class Readiness
{
    public static unsafe Ready Await(int descriptor, short awaited, int client, int timeoutMilliseconds = -1)
    {
        var entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry(descriptor, awaited);
        entries[1] = new PollEntry(client, LibC.POLLRDHUP);
        int count;
        do
        {
            count = LibC.poll(entries, 2, timeoutMilliseconds);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR);
        return entries[1].Happened != 0 ? Ready.ClientGone : entries[0].Happened != 0 ? Ready.Yes : Ready.No;
    }
}
