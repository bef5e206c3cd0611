using System.IO.Compression;
using Modular.Host.Cluster;
using Modular.Kernel.Plugins;
using Modular.PluginLoader;

namespace Modular.Host.Plugins;

/// <summary>Puts plugins where a cluster finds them, and takes them away: a folder each version of each plugin.</summary>
internal sealed class PluginInstallation(ClusterDirectory directory)
{
    private const string Advice = "name the folder of a plugin, or a zip file of it";

    /// <summary>Installs a plugin from its folder or a zip file of it. Nobody sees it before it is complete.</summary>
    /// <exception cref="CommandException">It can't be installed, and why.</exception>
    public InstalledPlugin Install(string source)
    {
        var staging = Directory.CreateDirectory(Path.Combine(directory.InstalledPlugins, $".{Guid.NewGuid():N}")).FullName;
        try
        {
            Take(source, staging);
            var manifest = PluginManifestReader.ReadFile(Path.Combine(staging, PluginManifestReader.FileName));
            Check(manifest);
            var target = Path.Combine(directory.InstalledPlugins, manifest.Id, manifest.Version.ToNormalizedString());
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            Directory.Move(staging, target);
            return new InstalledPlugin(target, manifest);
        }
        catch (PluginManifestException e)
        {
            throw new CommandException(e.Message.Replace(staging, source, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CommandException($"{source} can't be installed: {e.Message.Replace(staging, source, StringComparison.Ordinal).TrimEnd('.')}; {Advice}");
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }
        }
    }

    /// <summary>Removes a version of a plugin.</summary>
    /// <exception cref="CommandException">It is not installed here.</exception>
    public void Remove(string id, string version)
    {
        var folder = Path.Combine(directory.InstalledPlugins, id, version);
        // Only what the catalog knows is a plugin's folder, whatever the words lead to.
        if (!new PluginCatalog(directory.InstalledPlugins).Has(id, version))
        {
            throw new CommandException(new PluginCatalog(PluginDirectories.Own).Has(id, version)
                ? $"{id} {version} comes with this program and stays; a role is emptied with 'modular plugins disable ROLE'"
                : $"{id} {version} is not installed; 'modular plugins available' shows what is");
        }

        Directory.Delete(folder, recursive: true);
        if (!Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(folder)!).Any())
        {
            Directory.Delete(Path.GetDirectoryName(folder)!);
        }
    }

    private static void Take(string source, string staging)
    {
        if (File.Exists(source))
        {
            // Refuses entries that lead out of the folder.
            ZipFile.ExtractToDirectory(source, staging);
            if (!File.Exists(Path.Combine(staging, PluginManifestReader.FileName)))
            {
                throw Directory.EnumerateFiles(staging, PluginManifestReader.FileName, SearchOption.AllDirectories).FirstOrDefault() is { } deeper
                    ? new CommandException($"{source} has {Path.GetRelativePath(staging, deeper)} in a folder; pack what is in the folder and not the folder itself")
                    : new CommandException($"{source} holds no {PluginManifestReader.FileName}; {Advice}");
            }

            return;
        }

        if (!File.Exists(Path.Combine(source, PluginManifestReader.FileName)))
        {
            throw MissingPlugin.At(source, Advice);
        }

        foreach (var folder in Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(staging, Path.GetRelativePath(source, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(staging, Path.GetRelativePath(source, file)));
        }
    }

    private void Check(PluginManifest manifest)
    {
        var (id, version) = (manifest.Id, manifest.Version.ToNormalizedString());
        if (PluginGraph.CheckContracts(id, manifest) is { } problem)
        {
            throw new CommandException($"{id} {version} can't be installed: {problem.Message}");
        }

        var present = new[] { PluginDirectories.Own, directory.InstalledPlugins }.Select(root => Path.Combine(root, id, version)).FirstOrDefault(Directory.Exists);
        if (present is not null)
        {
            throw new CommandException($"{id} {version} is installed already, in {present}; give the new build another version, or remove the old one first");
        }
    }
}
