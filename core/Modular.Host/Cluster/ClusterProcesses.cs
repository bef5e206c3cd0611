using Modular.PluginProcess;

namespace Modular.Host.Cluster;

/// <summary>The processes of a cluster on this machine: the host, and the helpers that plugins left a pid file for.</summary>
internal static class ClusterProcesses
{
    public static IReadOnlyList<(string Role, ProcessRecord Process)> Find(ClusterDirectory directory)
    {
        var found = new List<(string, ProcessRecord)>();
        if (ProcessRecord.Read(directory.ProcessFile) is { IsAlive: true } host)
        {
            found.Add(("host", host));
        }

        foreach (var (name, record) in Helpers(directory))
        {
            found.Add((name, record));
        }

        return found;
    }

    /// <summary>Processes that outlive the host, by their pid files: further host processes, then the helpers of plugins.</summary>
    public static IReadOnlyList<(string Name, ProcessRecord Process)> Helpers(ClusterDirectory directory)
    {
        var companions = Companions(directory);
        return [.. companions, .. Alive(directory.State, SearchOption.AllDirectories).Where(helper => !companions.Contains(helper))];
    }

    /// <summary>Further host processes, which end before the helpers of their plugins.</summary>
    public static IReadOnlyList<(string Name, ProcessRecord Process)> Companions(ClusterDirectory directory) =>
        [.. Alive(directory.Companions, SearchOption.TopDirectoryOnly)];

    private static IEnumerable<(string Name, ProcessRecord Process)> Alive(string directory, SearchOption depth) => Directory.Exists(directory)
        ? Directory.EnumerateFiles(directory, "*.pid", depth).Order(StringComparer.Ordinal)
            .Select(path => (Path.GetFileNameWithoutExtension(path), ProcessRecord.Read(path)))
            .Where(p => p.Item2 is { IsAlive: true })
            .Select(p => (p.Item1, p.Item2!))
        : [];
}
