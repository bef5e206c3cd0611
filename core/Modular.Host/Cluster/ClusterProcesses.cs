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

    /// <summary>Helper processes that outlive the host, by the pid files in the plugins' state directories.</summary>
    public static IReadOnlyList<(string Name, ProcessRecord Process)> Helpers(ClusterDirectory directory)
    {
        if (!Directory.Exists(directory.State))
        {
            return [];
        }

        return [.. Directory.EnumerateFiles(directory.State, "*.pid", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (Path.GetFileNameWithoutExtension(path), ProcessRecord.Read(path)))
            .Where(p => p.Item2 is { IsAlive: true })
            .Select(p => (p.Item1, p.Item2!))];
    }
}
