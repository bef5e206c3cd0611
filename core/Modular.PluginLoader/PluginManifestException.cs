namespace Modular.PluginLoader;

/// <summary>A manifest that cannot be used: one line that names the file, the field and the fix.</summary>
public sealed class PluginManifestException(string file, string field, string problem, Exception? inner = null)
    : Exception(field.Length == 0 ? $"{file}: {problem}" : $"{file}: {field}: {problem}", inner)
{
    public string File { get; } = file;

    public string Field { get; } = field;
}
