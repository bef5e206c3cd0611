using System.Reflection;
using System.Text.Json.Nodes;
using Modular.PluginLoader;

namespace Modular.Fixtures;

/// <summary>A folder of installed plugins of a test's own, filled from the fixtures that were built beside it.</summary>
public sealed class InstalledFixtures : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("modular-fixtures-");

    public InstalledFixtures() => Catalog = new PluginCatalog(PluginRoot);

    public PluginCatalog Catalog { get; }

    public string Root => _root.FullName;

    public string PluginRoot => Directory.CreateDirectory(Path.Combine(Root, "plugins")).FullName;

    /// <summary>Installs a fixture, possibly under another id or with a changed manifest.</summary>
    /// <returns>Its folder.</returns>
    public string Install(string fixture, Action<JsonObject>? change = null)
    {
        var built = typeof(InstalledFixtures).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(a => a.Key == $"PluginFixture:{fixture}").Value!;
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(built, PluginManifestReader.FileName)))!.AsObject();
        change?.Invoke(manifest);
        var folder = Directory.CreateDirectory(Path.Combine(PluginRoot, (string)manifest["id"]!, (string)manifest["version"]!)).FullName;
        foreach (var file in Directory.EnumerateFiles(built))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(folder, PluginManifestReader.FileName), manifest.ToJsonString());
        return folder;
    }

    public void Dispose()
    {
        while (true)
        {
            try
            {
                _root.Delete(recursive: true);
                return;
            }
            catch (IOException) when (_root.Exists)
            {
                // A plugin that was abandoned may still be writing there.
                _root.Refresh();
            }
        }
    }
}
