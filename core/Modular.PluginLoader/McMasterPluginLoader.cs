using System.Reflection;
using System.Runtime.Loader;
using McMaster.NETCore.Plugins;
using Modular.Abstractions;
using Loader = McMaster.NETCore.Plugins.PluginLoader;

namespace Modular.PluginLoader;

/// <summary>Loads each plugin into a load context of its own, by McMaster.NETCore.Plugins.</summary>
public sealed class McMasterPluginLoader : IPluginLoader
{
    private readonly AssemblyName[] _shared = [.. SharedAssemblies.Names.Where(IsCarried).Select(n => new AssemblyName(n))];

    /// <inheritdoc />
    public ILoadedPlugin Load(InstalledPlugin plugin, PluginLimits limits)
    {
        if (limits != PluginLimits.None)
        {
            throw new PluginLoadException("NotLimitable", $"{plugin.Manifest.Id} runs in the host's process and can't be limited there; set isolation to process, or remove limits");
        }

        var assemblyFile = Path.Combine(plugin.Directory, plugin.Manifest.EntryAssembly);
        RefuseSharedCopies(plugin);
        if (!File.Exists(assemblyFile))
        {
            throw new PluginLoadException("AssemblyMissing", $"{assemblyFile} does not exist; publish the plugin again");
        }

        var loader = new Loader(ConfigurationOf(assemblyFile, plugin.Manifest.Unloadable));
        try
        {
            var assembly = loader.LoadDefaultAssembly();
            return new McMasterLoadedPlugin(loader, EntryTypeOf(assembly, plugin), plugin.Manifest.Unloadable);
        }
        catch (Exception e)
        {
            loader.Dispose();
            throw e as PluginLoadException
                ?? new PluginLoadException("LoadFailed", $"{assemblyFile} cannot be loaded: {e.Message}", e);
        }
    }

    // The library insists on loading each at once; a host without one of them (a small one without HTTP) shares what it has.
    private static bool IsCarried(string name)
    {
        try
        {
            AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(name));
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static void RefuseSharedCopies(InstalledPlugin plugin)
    {
        var copies = SharedAssemblies.CopiesIn(plugin.Directory);
        if (copies.Count > 0)
        {
            throw new PluginLoadException(
                "SharedAssemblyCopied",
                $"{string.Join(", ", copies)} must come from the host; reference the project with Private=\"false\" ExcludeAssets=\"runtime\" and publish {plugin.Manifest.Id} again");
        }
    }

    private PluginConfig ConfigurationOf(string assemblyFile, bool unloadable)
    {
        var config = new PluginConfig(assemblyFile) { IsUnloadable = unloadable, IsLazyLoaded = true, PreferSharedTypes = false };
        foreach (var name in _shared)
        {
            config.SharedAssemblies.Add(name);
        }

        return config;
    }

    private static Type EntryTypeOf(Assembly assembly, InstalledPlugin plugin)
    {
        var name = plugin.Manifest.EntryType;
        var type = assembly.GetType(name, throwOnError: false)
            ?? throw new PluginLoadException("EntryTypeMissing", $"{assembly.Location} has no type {name}; correct entryType of {plugin.Manifest.Id}");
        if (typeof(IPlugin).IsAssignableFrom(type))
        {
            return type;
        }

        // The library loads a private copy in silence when versions differ; then the interface looks the same and is another type.
        var foreign = type.GetInterfaces().FirstOrDefault(i => i.FullName == typeof(IPlugin).FullName);
        throw new PluginLoadException(
            "ForeignContract",
            foreign is null
                ? $"{name} in {assembly.Location} does not implement {typeof(IPlugin).FullName}; correct entryType of {plugin.Manifest.Id}"
                : $"{plugin.Manifest.Id} brings its own {typeof(IPlugin).FullName}: {Describe(foreign.Assembly)} instead of the host's {Describe(typeof(IPlugin).Assembly)}; build it against the host's version");
    }

    private static string Describe(Assembly assembly) => $"{assembly.Location} ({assembly.GetName().Version})";
}
