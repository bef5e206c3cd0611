namespace Modular.Host.Demo;

/// <summary>Finds a container's process among the machine's. A container knows its pid only as its own pid namespace counts.</summary>
internal static class ContainerProcess
{
    private const string CountedPids = "NSpid:";

    /// <summary>The machine's pid of a process; null if there is none such.</summary>
    /// <param name="pidNamespace">What /proc/self/ns/pid links to in the container.</param>
    /// <param name="pid">The pid there.</param>
    public static int? Find(string pidNamespace, int pid)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(directory), out var candidate)
                    && new FileInfo(Path.Combine(directory, "ns", "pid")).LinkTarget == pidNamespace
                    && InnermostPid(Path.Combine(directory, "status")) == pid)
                {
                    return candidate;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is somebody else's.
            }
        }

        return null;
    }

    private static int? InnermostPid(string statusFile)
    {
        var line = File.ReadLines(statusFile).FirstOrDefault(line => line.StartsWith(CountedPids, StringComparison.Ordinal));
        return line is not null && int.TryParse(line.Split('\t')[^1], out var pid) ? pid : null;
    }
}
