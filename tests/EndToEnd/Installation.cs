using System.Text.Json.Nodes;

namespace Modular.EndToEnd;

/// <summary>A copy of what the launcher built, to which a test can add builds of plugins.</summary>
internal sealed class Installation : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("modular-e2e-dist-").FullName;

    public Installation() => Copy(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repository.Modular)!, "..")), _root);

    public string Modular => Path.Combine(_root, "host", "modular");

    /// <summary>Installs the same plugin once more, as a newer build.</summary>
    public void AddBuild(string plugin, string version)
    {
        var installed = Directory.GetDirectories(Path.Combine(_root, "plugins", plugin))[0];
        var build = Path.Combine(_root, "plugins", plugin, version);
        Copy(installed, build);
        var manifest = Path.Combine(build, "plugin.json");
        var content = JsonNode.Parse(File.ReadAllText(manifest))!;
        content["version"] = version;
        File.WriteAllText(manifest, content.ToJsonString());
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var directory in Directory.GetDirectories(from))
        {
            Copy(directory, Path.Combine(to, Path.GetFileName(directory)));
        }

        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
