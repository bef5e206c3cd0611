using System.Security.Cryptography;
using System.Text;

namespace Modular.Host.Cluster;

/// <summary>Where a cluster keeps what is its own on this machine.</summary>
internal sealed class ClusterDirectory
{
    public ClusterDirectory(string root) => Root = Path.GetFullPath(root);

    /// <summary>$MODULAR_DATA_DIR, or $XDG_DATA_HOME/modular, or ~/.local/share/modular.</summary>
    public static string Default
    {
        get
        {
            if (Environment.GetEnvironmentVariable("MODULAR_DATA_DIR") is { Length: > 0 } chosen)
            {
                return chosen;
            }

            var data = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
            return Path.Combine(
                // The XDG specification has relative paths ignored.
                string.IsNullOrEmpty(data) || !Path.IsPathRooted(data) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share") : data,
                "modular");
        }
    }

    public string Root { get; }

    public string Kubeconfig => Path.Combine(Root, "kubeconfig");

    public string Pki => Path.Combine(Root, "pki");

    public string Plugins => Path.Combine(Root, "plugins");

    /// <summary>Plugins that were installed for this cluster.</summary>
    public string InstalledPlugins => Path.Combine(Root, "installed");

    public string Log => Path.Combine(Root, "modular.log");

    public string ProcessFile => Path.Combine(Root, "modular.pid");

    /// <summary>The pid of a further host process.</summary>
    public string CompanionProcessFile(string name) => Path.Combine(Companions, $"{name}.pid");

    /// <summary>Where a further host process answers the first.</summary>
    public string CompanionSocket(string name) => Path.Combine(Companions, $"{name}.sock");

    public string CompanionLog(string name) => Path.Combine(Root, $"modular-{name}.log");

    /// <summary>The files of further host processes.</summary>
    public string Companions => Path.Combine(State, "hosts");

    /// <summary>The distribution this cluster was started with, kept for the next start.</summary>
    public string Distribution => Path.Combine(Root, "distribution.yaml");

    /// <summary>The addresses that were agreed on at the first start.</summary>
    public string Network => Path.Combine(Root, "network.json");

    /// <summary>
    /// Sockets and other state of running parts. A Unix socket's path may have 107 bytes only, so a deep data directory gets a short twin.
    /// </summary>
    public string State
    {
        get
        {
            var own = Path.Combine(Root, "run");
            if (own.Length <= 60)
            {
                return own;
            }

            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..12];
            return Path.Combine(Path.GetTempPath(), $"modular-{Environment.UserName}-{hash}");
        }
    }

    /// <summary>Makes the directories, readable by their owner only.</summary>
    public void Create()
    {
        foreach (var directory in (ReadOnlySpan<string>)[Root, Pki, Plugins, State, Companions])
        {
            try
            {
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CommandException($"cannot make {directory}: {e.Message.TrimEnd('.')}; choose another place with --data-dir");
            }
        }
    }
}
