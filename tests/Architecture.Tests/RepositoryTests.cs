namespace Modular.Architecture.Tests;

public sealed class RepositoryTests
{
    private static readonly string[] EmptyNames = ["Utils", "Helpers", "Manager", "Common"];

    [Fact]
    public void No_file_has_a_name_that_says_nothing() => Assert.Empty(
        Repository.Files("*.cs").Where(f => EmptyNames.Any(n => Path.GetFileName(f).Contains(n, StringComparison.OrdinalIgnoreCase))).Select(Path.GetFileName));

    [Fact]
    public void Every_project_has_its_lock_file() => Assert.Empty(
        Repository.Projects("core", "plugins", "addons", "tests", "bench", "samples")
            .Where(p => !File.Exists(Path.Combine(p.Folder, "packages.lock.json"))).Select(p => p.Name));

    [Fact]
    public void Package_versions_are_central() => Assert.Empty(
        Repository.Projects("core", "plugins", "addons", "tests", "bench", "samples")
            .Where(p => File.ReadAllText(p.File).Contains("VersionOverride", StringComparison.Ordinal)).Select(p => p.Name));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Path.Combine(Repository.Root, "Modular.sln");
        Assert.SkipUnless(File.Exists(solution), "there is no solution yet");
        var text = File.ReadAllText(solution).Replace('\\', '/');

        Assert.Empty(Repository.Projects("core", "plugins", "addons", "tests", "bench", "samples")
            .Where(p => !text.Contains(Path.GetRelativePath(Repository.Root, p.File), StringComparison.Ordinal)).Select(p => p.Name));
    }
}
