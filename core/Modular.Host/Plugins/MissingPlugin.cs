using Modular.PluginLoader;
using NuGet.Versioning;

namespace Modular.Host.Plugins;

/// <summary>What to say of a path where a plugin's folder was expected.</summary>
internal static class MissingPlugin
{
    /// <summary>Says what is there instead, and what to name.</summary>
    public static CommandException At(string path, string advice)
    {
        if (!Directory.Exists(path))
        {
            return new CommandException(File.Exists(path) ? $"{path} is a file; {advice}" : $"{path} does not exist; {advice}");
        }

        // Builds lie in folders of their versions, and the one above is what is named by mistake.
        var newest = Directory.EnumerateDirectories(path)
            .Where(folder => File.Exists(Path.Combine(folder, PluginManifestReader.FileName)) && NuGetVersion.TryParse(Path.GetFileName(folder), out _))
            .MaxBy(folder => NuGetVersion.Parse(Path.GetFileName(folder)));
        return new CommandException(newest is null
            ? $"{path} holds no {PluginManifestReader.FileName}; {advice}"
            : $"{path} holds no {PluginManifestReader.FileName}, but the folder of a version does; name {newest}");
    }
}
