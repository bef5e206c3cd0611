using System.Collections.Frozen;

namespace Modular.PluginLoader;

/// <summary>The assemblies that host and plugins must have one copy of: types in contracts come from them.</summary>
public static class SharedAssemblies
{
    /// <summary>Simple names, without extension.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "Modular.ApiMachinery",
        "Modular.Models",
        "Modular.Abstractions",
        "Modular.Abstractions.Http",
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.DependencyInjection.Abstractions",
    ];

    private static FrozenSet<string> Files { get; } = Names.Select(n => n + ".dll").ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The copies of shared assemblies in a folder: there must be none in a plugin's.</summary>
    public static IReadOnlyList<string> CopiesIn(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*.dll", SearchOption.AllDirectories).Where(f => Files.Contains(Path.GetFileName(f)))];
}
