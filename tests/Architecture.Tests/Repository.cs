using System.Reflection;
using System.Xml.Linq;

namespace Modular.Architecture.Tests;

/// <summary>The files of the repository that this test was built from.</summary>
internal static class Repository
{
    /// <summary>The projects whose assemblies host and plugins share.</summary>
    public static IReadOnlyList<string> SharedProjects { get; } =
        ["Modular.ApiMachinery", "Modular.Models", "Modular.Abstractions", "Modular.Abstractions.Http"];

    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(a => a.Key == "RepositoryRoot").Value!;

    /// <summary>All projects of some top-level folders.</summary>
    public static IReadOnlyList<Project> Projects(params string[] folders) =>
    [
        .. folders.Select(f => Path.Combine(Root, f)).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.csproj", SearchOption.AllDirectories))
            .Where(f => !IsBuilt(f)).Order(StringComparer.Ordinal).Select(f => new Project(f)),
    ];

    /// <summary>The plugins: plugins/id/id.csproj. Projects deeper in a plugin's folder are parts of it.</summary>
    public static IReadOnlyList<Project> Plugins { get; } =
        [.. Projects("plugins").Where(p => Path.GetDirectoryName(p.Folder) == Path.Combine(Root, "plugins"))];

    /// <summary>All source files.</summary>
    public static IEnumerable<string> Files(string pattern) =>
        Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories).Where(f => !IsBuilt(f));

    private static bool IsBuilt(string file) =>
        Path.GetRelativePath(Root, file).Split('/').Any(part => part is "artifacts" or "bin" or "obj" or ".git");
}

/// <summary>A project file.</summary>
internal sealed class Project(string file)
{
    private readonly XElement _content = XElement.Load(file);

    public string File { get; } = file;

    public string Name { get; } = Path.GetFileNameWithoutExtension(file);

    public string Folder => Path.GetDirectoryName(File)!;

    /// <summary>The names of the projects it references.</summary>
    public IReadOnlyList<string> Projects => [.. References.Select(r => Path.GetFileNameWithoutExtension(r)!)];

    /// <summary>The files of the projects it references.</summary>
    public IReadOnlyList<string> References => [.. Includes("ProjectReference").Select(i => Path.GetFullPath(i, Folder))];

    public string? Property(string name) => _content.Descendants(name).FirstOrDefault()?.Value;

    public override string ToString() => Name;

    private IEnumerable<string> Includes(string item) => _content.Descendants(item).Select(e => (string?)e.Attribute("Include")).OfType<string>();
}
