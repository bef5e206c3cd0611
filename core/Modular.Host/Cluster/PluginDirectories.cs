using Modular.PluginLoader;

namespace Modular.Host.Cluster;

/// <summary>Where plugins are installed: those that come with this program, and those of one cluster.</summary>
internal static class PluginDirectories
{
    /// <summary>The plugins that come with this program.</summary>
    public static string Own { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "plugins"));

    public static PluginCatalog Catalog(ClusterDirectory directory) => new(Own, directory.InstalledPlugins);
}
