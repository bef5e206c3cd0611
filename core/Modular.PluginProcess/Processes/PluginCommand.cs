using Modular.PluginLoader;

namespace Modular.PluginProcess;

/// <summary>What starts a plugin's process.</summary>
/// <param name="Arguments">The program, absolute or to be found in PATH, and its arguments.</param>
/// <param name="Directory">Where it is started.</param>
internal sealed record PluginCommand(IReadOnlyList<string> Arguments, string Directory)
{
    /// <param name="plugin">The plugin.</param>
    /// <param name="executable">The program that runs .NET plugins.</param>
    public static PluginCommand Of(InstalledPlugin plugin, string executable)
    {
        if (plugin.Manifest.Command.Count == 0)
        {
            return new PluginCommand([executable, "plugin", plugin.Directory], plugin.Directory);
        }

        var program = plugin.Manifest.Command[0];
        // A program with a slash is the plugin's own, as a shell means it that is there.
        return new PluginCommand([program.Contains('/', StringComparison.Ordinal) ? Path.Combine(plugin.Directory, program) : program, .. plugin.Manifest.Command.Skip(1)], plugin.Directory);
    }
}
