using System.Text.RegularExpressions;

namespace Modular.EndToEnd;

/// <summary>What a plugin's README says of its configuration: the example, and the defaults of its table.</summary>
internal sealed partial class PluginReadme
{
    private readonly string _text;

    private PluginReadme(string plugin, string text)
    {
        Plugin = plugin;
        _text = text;
    }

    public static IReadOnlyList<PluginReadme> All { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "plugins"), "README.md", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(file => new PluginReadme(Path.GetFileName(Path.GetDirectoryName(file))!, File.ReadAllText(file)))
            .OrderBy(readme => readme.Plugin, StringComparer.Ordinal)];

    public string Plugin { get; }

    /// <summary>The example: an entry of a distribution's <c>plugins</c>.</summary>
    public string Example => ExampleBlock().Match(_text).Groups["yaml"].Value;

    /// <summary>An entry that sets every setting to the default the table names, as far as it is a value and not a sentence.</summary>
    public string Defaults(string name)
    {
        var section = ConfigurationSection().Match(_text).Groups["section"].Value;
        var settings = SettingRow().Matches(section).Select(row => $"{row.Groups["setting"].Value}: {row.Groups["default"].Value}");
        return $"- name: {name}\n  plugin: {Plugin}\n  privileges: [all]\n  configuration: {{ {string.Join(", ", settings)} }}\n";
    }

    [GeneratedRegex("^## Example\\n(?:.*\\n)*?```yaml\\n(?<yaml>(?:.*\\n)*?)```", RegexOptions.Multiline)]
    private static partial Regex ExampleBlock();

    [GeneratedRegex("^## Configuration\\n(?<section>(?:(?!## ).*\\n)*)", RegexOptions.Multiline)]
    private static partial Regex ConfigurationSection();

    [GeneratedRegex(@"^\| `(?<setting>\w+)` \| `(?<default>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();
}
