using Modular.Abstractions;

namespace Modular.Host.Cluster;

/// <summary>
/// The isolated clusters of this machine: a file with their directories, one a line. By it each new cluster takes ranges that no other has,
/// running or not. Whoever holds it open is alone.
/// </summary>
internal sealed class ClusterRegister : IDisposable
{
    private const string Location = "/var/lib/modular/clusters";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly FileStream _file;

    private ClusterRegister(FileStream file) => _file = file;

    /// <summary>Opens the register, waiting for whoever has it open.</summary>
    /// <exception cref="CommandException">It cannot be had.</exception>
    public static ClusterRegister Open()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Location)!);
                return new ClusterRegister(new FileStream(Location, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (e is not IOException || TimeProvider.System.GetElapsedTime(started) > Patience)
                {
                    throw new CommandException($"{Location}, the list of this machine's clusters, cannot be opened: {e.Message}");
                }

                Thread.Sleep(TimeSpan.FromMilliseconds(5));
            }
        }
    }

    /// <summary>The networks of the clusters that still exist.</summary>
    public IReadOnlyList<ClusterNetwork> Networks() => [.. Clusters().Select(NetworkOf).OfType<ClusterNetwork>()];

    /// <summary>Notes a cluster, and forgets those that exist no more.</summary>
    public void Add(ClusterDirectory cluster)
    {
        var roots = Clusters().Select(known => known.Root).Append(cluster.Root).Distinct(StringComparer.Ordinal).ToList();
        _file.SetLength(0);
        using var writer = new StreamWriter(_file, leaveOpen: true);
        roots.ForEach(writer.WriteLine);
    }

    public void Dispose() => _file.Dispose();

    private List<ClusterDirectory> Clusters()
    {
        _file.Position = 0;
        using var reader = new StreamReader(_file, leaveOpen: true);
        var clusters = new List<ClusterDirectory>();
        while (reader.ReadLine() is { } line)
        {
            if (Path.IsPathRooted(line) && new ClusterDirectory(line) is var cluster && File.Exists(cluster.Network))
            {
                clusters.Add(cluster);
            }
        }

        return clusters;
    }

    private static ClusterNetwork? NetworkOf(ClusterDirectory cluster)
    {
        try
        {
            return NetworkFile.Read(cluster);
        }
        catch (Exception e) when (e is CommandException or IOException or UnauthorizedAccessException)
        {
            // It is being deleted, or its own next start says what is wrong.
            return null;
        }
    }
}
