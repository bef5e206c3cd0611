using Modular.PluginLoader;

namespace Modular.Host.Cluster;

/// <summary>Where this program's plugins are installed.</summary>
internal static class PluginDirectories
{
    public static PluginCatalog Catalog() => new(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "plugins")));
}
