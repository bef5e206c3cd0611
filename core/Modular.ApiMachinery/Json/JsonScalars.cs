using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Reads scalars of any origin: decoded, made by code, or null.</summary>
public static class JsonScalars
{
    /// <summary>The node as a string; null if it is none.</summary>
    public static string? AsString(this JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The node as true or false; null if it is neither.</summary>
    public static bool? AsBoolean(this JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    /// <summary>
    /// The node as a whole number; null if it is none. A node made from an <c>int</c> does not answer to <c>GetValue&lt;long&gt;()</c>
    /// and vice versa; this reads both.
    /// </summary>
    public static long? AsInt64(this JsonNode? node)
    {
        if (node is not JsonValue value)
        {
            return null;
        }

        if (value.TryGetValue<long>(out var number))
        {
            return number;
        }

        if (value.TryGetValue<int>(out var small))
        {
            return small;
        }

        return value.GetValueKind() == JsonValueKind.Number
            && long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
                ? number
                : null;
    }
}
