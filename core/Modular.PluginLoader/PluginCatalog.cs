using NuGet.Versioning;

namespace Modular.PluginLoader;

/// <summary>
/// The plugins installed under a few roots as <c>root/id/version/plugin.json</c>. Looks again on every question, so that a plugin copied
/// in is found without a restart. Loads no code. Thread-safe.
/// </summary>
public sealed class PluginCatalog(params IReadOnlyList<string> roots)
{
    /// <summary>All versions of all plugins, by id and then newest first. Broken ones are left out and reported.</summary>
    public IReadOnlyList<InstalledPlugin> List(out IReadOnlyList<PluginManifestException> broken)
    {
        var found = new List<InstalledPlugin>();
        var problems = new List<PluginManifestException>();
        foreach (var id in roots.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories)
            .Select(d => Path.GetFileName(d)!).Distinct(StringComparer.Ordinal))
        {
            foreach (var directory in Versions(id))
            {
                try
                {
                    found.Add(Open(directory, id));
                }
                catch (PluginManifestException e)
                {
                    problems.Add(e);
                }
            }
        }

        broken = problems;
        return [.. found.OrderBy(p => p.Manifest.Id, StringComparer.Ordinal).ThenByDescending(p => p.Manifest.Version)];
    }

    /// <summary>Finds a plugin.</summary>
    /// <param name="id">The plugin.</param>
    /// <param name="version">Its version; empty for the newest.</param>
    /// <exception cref="PluginLoadException">It is not installed.</exception>
    /// <exception cref="PluginManifestException">It is, but its manifest cannot be used.</exception>
    public InstalledPlugin Find(string id, string version)
    {
        var directories = Versions(id).ToDictionary(d => Path.GetFileName(d)!, StringComparer.Ordinal);
        if (directories.Count == 0)
        {
            throw new PluginLoadException(
                "NotInstalled", $"plugin {id} is not installed under {string.Join(", ", roots)}; 'modular plugins install DIR' installs one, 'modular plugins available' lists those there are");
        }

        if (version.Length == 0)
        {
            version = directories.Keys.MaxBy(NuGetVersion.Parse)!;
        }

        return directories.TryGetValue(version, out var directory)
            ? Open(directory, id)
            : throw new PluginLoadException(
                "NotInstalled", $"plugin {id} is not installed in version {version}; there is {string.Join(", ", directories.Keys.Order(StringComparer.Ordinal))}");
    }

    /// <summary>Whether there is a version of a plugin, sound or broken.</summary>
    public bool Has(string id, string version) => Versions(id).Any(directory => Path.GetFileName(directory) == version);

    private IEnumerable<string> Versions(string id) =>
        id is "" or "." or ".." || Path.GetFileName(id) != id
            ? []
            : roots.Select(root => Path.Combine(Path.GetFullPath(root), id)).Where(Directory.Exists)
                .SelectMany(Directory.EnumerateDirectories)
                .Where(d => NuGetVersion.TryParse(Path.GetFileName(d), out _))
                .DistinctBy(Path.GetFileName, StringComparer.Ordinal);

    private static InstalledPlugin Open(string directory, string id)
    {
        var file = Path.Combine(directory, PluginManifestReader.FileName);
        var manifest = PluginManifestReader.ReadFile(file);
        if (manifest.Id != id)
        {
            throw new PluginManifestException(file, "id", $"'{manifest.Id}' lies in a folder named '{id}'; name the folder like the plugin");
        }

        return manifest.Version.ToNormalizedString() == Path.GetFileName(directory)
            ? new InstalledPlugin(directory, manifest)
            : throw new PluginManifestException(
                file, "version", $"{manifest.Version} lies in a folder named '{Path.GetFileName(directory)}'; name the folder like the version");
    }
}
