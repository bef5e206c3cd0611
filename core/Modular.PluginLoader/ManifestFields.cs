using System.Text.Json;
using NuGet.Versioning;

namespace Modular.PluginLoader;

/// <summary>Reads the fields of one JSON object of a manifest; whatever is wrong is reported with the file and the field's path.</summary>
internal readonly struct ManifestFields(string file, string path, JsonElement obj)
{
    public string Text(string name) =>
        TryText(name) ?? throw Error(name, "is missing or empty; set it");

    public string? TryText(string name)
    {
        if (!obj.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString() is { Length: > 0 } text ? text : null
            : throw Error(name, $"is {Describe(value)}; write a string");
    }

    public bool Flag(string name, bool absent = false)
    {
        if (!obj.TryGetProperty(name, out var value))
        {
            return absent;
        }

        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Error(name, $"is {Describe(value)}; write true or false"),
        };
    }

    public int Number(string name) =>
        obj.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw Error(name, "is missing or no whole number; set it");

    public NuGetVersion Version(string name)
    {
        var text = Text(name);
        return NuGetVersion.TryParseStrict(text, out var version)
            ? version
            : throw Error(name, $"'{text}' is no semantic version; write one such as 1.2.0");
    }

    public VersionRange Range(string name)
    {
        var text = Text(name);
        return VersionRange.TryParse(text, out var range)
            ? range
            : throw Error(name, $"'{text}' is no version range; write one such as [0.1.0,0.2.0)");
    }

    public TEnum Choice<TEnum>(string name, TEnum absent, params ReadOnlySpan<(string Text, TEnum Value)> choices)
    {
        if (TryText(name) is not { } text)
        {
            return absent;
        }

        var known = new List<string>();
        foreach (var (choice, value) in choices)
        {
            if (choice == text)
            {
                return value;
            }

            known.Add(choice);
        }

        throw Error(name, $"'{text}' is not known; write {string.Join(" or ", known)}");
    }

    public IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (var (index, value) in Array(name))
        {
            texts.Add(value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw Error($"{name}[{index}]", $"is {Describe(value)}; write a string"));
        }

        return texts;
    }

    public IReadOnlyList<T> Objects<T>(string name, Func<ManifestFields, T> read)
    {
        var items = new List<T>();
        foreach (var (index, value) in Array(name))
        {
            var itemPath = Path($"{name}[{index}]");
            items.Add(value.ValueKind == JsonValueKind.Object
                ? read(new ManifestFields(file, itemPath, value))
                : throw new PluginManifestException(file, itemPath, $"is {Describe(value)}; write an object"));
        }

        return items;
    }

    public JsonElement? Object(string name)
    {
        if (!obj.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object ? value.Clone() : throw Error(name, $"is {Describe(value)}; write an object");
    }

    public PluginManifestException Error(string name, string problem) => new(file, Path(name), problem);

    private IEnumerable<(int Index, JsonElement Value)> Array(string name)
    {
        if (!obj.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select((item, index) => (index, item))
            : throw Error(name, $"is {Describe(value)}; write a list");
    }

    private string Path(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "a list",
        _ => $"a{(value.ValueKind == JsonValueKind.Object ? "n" : "")} {value.ValueKind.ToString().ToLowerInvariant()}",
    };
}
