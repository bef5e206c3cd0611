using System.Text.Json;

namespace Modular.ApiMachinery;

/// <summary>Reads fields of read-only JSON by dotted path, as <see cref="JsonPaths"/> does for trees.</summary>
public static class JsonElementPaths
{
    /// <summary>The value at the path; of kind Undefined if it is absent.</summary>
    public static JsonElement Get(this JsonElement element, string path)
    {
        foreach (var range in path.AsSpan().Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(path.AsSpan(range), out element))
            {
                return default;
            }
        }

        return element;
    }

    /// <summary>The string at the path.</summary>
    public static string? GetString(this JsonElement element, string path) =>
        element.Get(path) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>The whole number at the path.</summary>
    public static long? GetInt64(this JsonElement element, string path) =>
        element.Get(path) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;

    /// <summary>True or false at the path.</summary>
    public static bool? GetBoolean(this JsonElement element, string path) =>
        element.Get(path) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;
}
