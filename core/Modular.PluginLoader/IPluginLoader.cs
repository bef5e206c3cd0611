using System.Reflection;
using Modular.Abstractions;

namespace Modular.PluginLoader;

/// <summary>Brings a plugin's code into the process. Thread-safe.</summary>
public interface IPluginLoader
{
    /// <summary>Loads the code and finds the entry type; constructs nothing.</summary>
    /// <param name="plugin">Where it is.</param>
    /// <param name="limits">What it may take.</param>
    /// <exception cref="PluginLoadException">The code cannot be used, or not be limited so.</exception>
    ILoadedPlugin Load(InstalledPlugin plugin, PluginLimits limits);
}

/// <summary>A plugin's code in the process.</summary>
public interface ILoadedPlugin
{
    /// <summary>Constructs the plugin.</summary>
    /// <exception cref="PluginLoadException">Its constructor threw.</exception>
    IPlugin Create();

    /// <summary>Whether an assembly in this process is the plugin's own.</summary>
    bool Owns(Assembly assembly);

    /// <summary>
    /// Lets go of the code. Nothing of the plugin may be referenced any more.
    /// </summary>
    /// <returns>True if it left the process; false if it stays, because it is not unloadable or something still holds it.</returns>
    ValueTask<bool> UnloadAsync();
}
