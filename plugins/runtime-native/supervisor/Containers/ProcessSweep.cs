using System.Globalization;
using System.Text;
using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>
/// Ends what is left of containers: every process that still carries a container's mark in its environment, or is in its session.
/// </summary>
internal static class ProcessSweep
{
    /// <summary>The variable every process of a container inherits.</summary>
    public const string Mark = "MODULAR_CONTAINER_ID";

    /// <summary>Kills what belongs to the given containers; sessions whose leader is known are recognised without the mark.</summary>
    public static int Kill(IReadOnlySet<string> containerIds, IReadOnlySet<int> sessions)
    {
        var killed = 0;
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out var pid)
                && pid != Environment.ProcessId
                && ProcessIdentity.ReadStat(pid) is { State: not ('Z' or 'X') } stat
                && (sessions.Contains(stat.Session) || IsMarked(pid, containerIds)))
            {
                killed += LibC.kill(pid, LibC.SIGKILL) == 0 ? 1 : 0;
            }
        }

        return killed;
    }

    private static bool IsMarked(int pid, IReadOnlySet<string> containerIds)
    {
        byte[] environment;
        try
        {
            environment = File.ReadAllBytes($"/proc/{pid}/environ");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = environment;
        while (rest.Length > 0)
        {
            var end = rest.IndexOf((byte)0);
            var variable = end < 0 ? rest : rest[..end];
            if (variable.StartsWith("MODULAR_CONTAINER_ID="u8))
            {
                return containerIds.Contains(Encoding.UTF8.GetString(variable[(Mark.Length + 1)..]));
            }

            rest = end < 0 ? default : rest[(end + 1)..];
        }

        return false;
    }
}
