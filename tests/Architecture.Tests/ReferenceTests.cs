using System.Reflection;

namespace Modular.Architecture.Tests;

public sealed class ReferenceTests
{
    private static readonly string[] ForPlugins = [.. Repository.SharedProjects, "Modular.Toolkit"];

    [Theory]
    [InlineData("Modular.ApiMachinery")]
    [InlineData("Modular.Models", "Modular.ApiMachinery")]
    [InlineData("Modular.Abstractions", "Modular.ApiMachinery", "Modular.Models")]
    [InlineData("Modular.Abstractions.Http", "Modular.ApiMachinery", "Modular.Models", "Modular.Abstractions")]
    [InlineData("Modular.Toolkit", "Modular.ApiMachinery", "Modular.Models", "Modular.Abstractions")]
    [InlineData("Modular.PluginLoader", "Modular.ApiMachinery", "Modular.Abstractions")]
    [InlineData("Modular.PluginProcess", "Modular.ApiMachinery", "Modular.Abstractions", "Modular.Abstractions.Http", "Modular.PluginLoader")]
    [InlineData("Modular.Kernel", "Modular.ApiMachinery", "Modular.Abstractions", "Modular.Abstractions.Http", "Modular.PluginLoader")]
    [InlineData("Modular.ApiServer", "Modular.ApiMachinery", "Modular.Abstractions", "Modular.Abstractions.Http", "Modular.Kernel")]
    public void Core_projects_reference_only_what_lies_below_them(string project, params string[] allowed)
    {
        var references = Assert.Single(Repository.Projects("core"), p => p.Name == project).Projects;

        Assert.Empty(references.Except(allowed));
    }

    [Fact]
    public void Core_references_no_plugin()
    {
        var plugins = Repository.Projects("plugins", "addons").Select(p => p.Name).ToHashSet();

        Assert.Empty(Repository.Projects("core").SelectMany(p => p.Projects.Where(plugins.Contains).Select(r => $"{p} references {r}")));
    }

    [Fact]
    public void Core_names_no_plugin()
    {
        // The demo is a user's story; it uses what a user would.
        var named = Repository.Files("*.cs")
            .Where(f => f.StartsWith(Path.Combine(Repository.Root, "core/"), StringComparison.Ordinal) && !f.Contains("/Demo/", StringComparison.Ordinal))
            .SelectMany(f => Repository.Plugins.Where(p => p.Name.Contains('-', StringComparison.Ordinal)
                && File.ReadAllText(f).Contains($"\"{p.Name}\"", StringComparison.Ordinal)).Select(p => $"{f} names {p}"));

        Assert.Empty(named);
    }

    [Fact]
    public void Plugins_reference_shared_projects_and_the_toolkit_only() => Assert.Empty(
        Repository.Projects("plugins", "addons").SelectMany(p => p.References
            .Where(r => !ForPlugins.Contains(Path.GetFileNameWithoutExtension(r)) && !r.StartsWith(p.Folder + "/", StringComparison.Ordinal))
            .Select(r => $"{p} references {r}")));

    [Fact]
    public void The_kernel_knows_no_kind() =>
        Assert.DoesNotContain("Modular.Models", Assert.Single(Repository.Projects("core"), p => p.Name == "Modular.Kernel").Projects);

    [Theory]
    [InlineData("Modular.ApiMachinery", false, false)]
    [InlineData("Modular.Models", false, false)]
    [InlineData("Modular.Abstractions", true, false)]
    [InlineData("Modular.Abstractions.Http", true, true)]
    public void Shared_assemblies_bring_nothing_foreign_into_a_contract(string name, bool extensions, bool aspNet)
    {
        var foreign = Assembly.Load(name).GetReferencedAssemblies().Select(a => a.Name!).Where(reference =>
            !Repository.SharedProjects.Contains(reference)
            && !(reference.StartsWith("System.", StringComparison.Ordinal) || reference is "netstandard" or "mscorlib")
            && !(extensions && reference.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && reference.EndsWith(".Abstractions", StringComparison.Ordinal))
            && !(aspNet && reference.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)));

        Assert.Empty(foreign);
        Assert.Equal(new Version(0, 0, 0, 0), Assembly.Load(name).GetName().Version);
    }
}
