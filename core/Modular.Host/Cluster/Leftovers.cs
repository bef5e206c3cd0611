using Modular.Abstractions;
using Modular.PluginLoader;
using Modular.PluginProcess;

namespace Modular.Host.Cluster;

/// <summary>What plugins left on the machine for containers that outlive the host, and nobody needs once the cluster is down.</summary>
internal static class Leftovers
{
    /// <summary>Ends what plugins' processes left, and lets each plugin that left a notice clean up.</summary>
    /// <exception cref="CommandException">A plugin can't be asked any more.</exception>
    /// <exception cref="IOException">Something stays.</exception>
    public static async Task RemoveAsync(ClusterDirectory directory, PluginCatalog catalog, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(directory.State))
        {
            return;
        }

        foreach (var role in Directory.EnumerateDirectories(directory.State, "*", SearchOption.AllDirectories).ToList())
        {
            await PluginLeftovers.EndAsync(role, cancellationToken);
        }

        foreach (var notice in Directory.EnumerateFiles(directory.State, IMachineCleanup.NoticeFile, SearchOption.AllDirectories).ToList())
        {
            var name = Path.GetFileName(Path.GetDirectoryName(notice)!);
            var id = (await File.ReadAllTextAsync(notice, cancellationToken)).Trim();
            try
            {
                await using var plugin = new McMasterPluginLoader().Load(catalog.Find(id, version: ""), PluginLimits.None).Create();
                if (plugin is IMachineCleanup cleanup)
                {
                    await cleanup.CleanAsync(Path.Combine(directory.Plugins, name), cancellationToken);
                }
            }
            catch (Exception e) when (e is PluginLoadException or PluginManifestException)
            {
                throw new CommandException($"what plugin {name} left on this machine stays: {e.Message}");
            }

            File.Delete(notice);
        }
    }
}
