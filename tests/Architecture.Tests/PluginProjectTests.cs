using Modular.PluginLoader;

namespace Modular.Architecture.Tests;

public sealed class PluginProjectTests
{
    private static readonly string[] Sections = ["Configuration", "Example", "Metrics", "Limits"];

    [Fact]
    public void Every_plugin_is_named_after_its_folder_and_its_assembly_after_it() => Assert.Empty(
        Repository.Plugins.Where(p => Path.GetFileName(p.Folder) != p.Name
            || p.Property("AssemblyName") != $"Modular.Plugins.{string.Concat(p.Name.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]))}").Select(p => p.Name));

    [Fact]
    public void Every_plugin_says_what_it_is_how_it_is_configured_and_what_it_cannot_do()
    {
        var missing = new List<string>();
        foreach (var plugin in Repository.Plugins)
        {
            var file = Path.Combine(plugin.Folder, "README.md");
            var text = File.Exists(file) ? File.ReadAllText(file) : "";
            if (!text.StartsWith($"# {plugin.Name}\n", StringComparison.Ordinal))
            {
                missing.Add($"{file} does not begin with '# {plugin.Name}'");
            }

            missing.AddRange(Sections.Where(s => !text.Contains($"\n## {s}\n", StringComparison.Ordinal)).Select(s => $"{file} has no section '## {s}'"));
        }

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("artifacts/dist/plugins")]
    [InlineData("artifacts/bin")]
    public void No_built_plugin_carries_a_shared_assembly(string folder)
    {
        var built = Path.Combine(Repository.Root, folder);
        Assert.SkipUnless(Directory.Exists(built), "nothing is built");
        var copies = Directory.EnumerateFiles(built, PluginManifestReader.FileName, SearchOption.AllDirectories)
            .Select(f => Path.GetDirectoryName(f)!)
            .Where(d => Path.GetRelativePath(built, d).Split('/') is [var project, ..] && Repository.Plugins.Any(p => p.Name == project))
            .SelectMany(SharedAssemblies.CopiesIn);

        Assert.Empty(copies);
    }

    [Fact]
    public void Every_built_manifest_is_valid()
    {
        var built = Path.Combine(Repository.Root, "artifacts/dist/plugins");
        Assert.SkipUnless(Directory.Exists(built), "nothing is published");
        foreach (var manifest in Directory.EnumerateFiles(built, PluginManifestReader.FileName, SearchOption.AllDirectories))
        {
            Assert.Equal(Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(manifest))), PluginManifestReader.ReadFile(manifest).Id);
        }
    }
}
