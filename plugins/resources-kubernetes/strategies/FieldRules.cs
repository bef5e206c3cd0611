using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Rules of single fields that many kinds have.</summary>
internal static class FieldRules
{
    public static void NotNegative(JsonObject obj, string field, FieldErrors errors)
    {
        if (obj.GetInt64(field) is { } number and < 0)
        {
            errors.Invalid(obj.FieldPath(field), number, "must be greater than or equal to 0");
        }
    }

    public static void Positive(JsonObject obj, string field, FieldErrors errors)
    {
        if (obj.GetInt64(field) is { } number and <= 0)
        {
            errors.Invalid(obj.FieldPath(field), number, "must be greater than 0");
        }
    }

    public static void Between(JsonObject obj, string field, long least, long most, FieldErrors errors)
    {
        if (obj.GetInt64(field) is { } number && (number < least || number > most))
        {
            errors.Invalid(obj.FieldPath(field), number, $"must be between {least} and {most}, inclusive");
        }
    }

    /// <summary>A count of at least 0, or a percentage.</summary>
    public static void CountOrPercentage(JsonObject obj, string field, bool atMostAll, FieldErrors errors)
    {
        if (obj.GetString(field) is { } text)
        {
            if (Percentage(text) is not { } percent)
            {
                errors.Invalid(obj.FieldPath(field), text, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
            }
            else if (atMostAll && percent > 100)
            {
                errors.Invalid(obj.FieldPath(field), text, "must not be greater than 100%");
            }
        }
        else
        {
            NotNegative(obj, field, errors);
        }
    }

    /// <summary>The number of a percentage; null if it is none.</summary>
    public static int? Percentage(string text) =>
        text.EndsWith('%') && int.TryParse(text.AsSpan(0, text.Length - 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var percent) ? percent : null;

    /// <summary>Whether a count or percentage is none at all.</summary>
    public static bool IsZero(JsonObject obj, string field) => obj.GetString(field) is { } text ? Percentage(text) == 0 : obj.GetInt64(field) == 0;

    public static void Name(JsonObject obj, string field, Func<string, IReadOnlyList<string>> rule, FieldErrors errors)
    {
        if (obj.GetString(field) is { Length: > 0 } name)
        {
            errors.InvalidAll(obj, field, name, rule(name));
        }
    }

    /// <summary>The field is what it was, whatever that is.</summary>
    public static void Unchanged(JsonObject obj, JsonObject? old, string field, FieldErrors errors, string detail = "field is immutable")
    {
        if (old is not null && !Same(obj[field], old[field]))
        {
            errors.Invalid(JsonPaths.Join(JsonPaths.PathOf(obj), field), obj[field], detail);
        }
    }

    /// <summary>
    /// Whether two values mean the same: what is empty, and inside of objects what is zero, may be absent. Clients that keep objects in types of their
    /// own, and all who speak protobuf, send the one for the other.
    /// </summary>
    public static bool Same(JsonNode? left, JsonNode? right) => (left, right) switch
    {
        (JsonObject or null, JsonObject or null) => Covers(left as JsonObject, right as JsonObject) && Covers(right as JsonObject, left as JsonObject),
        (JsonArray { Count: 0 } or null, JsonArray { Count: 0 } or null) => true,
        (JsonArray one, JsonArray other) => one.Count == other.Count && one.Zip(other).All(pair => Same(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(left, right),
    };

    private static bool Covers(JsonObject? obj, JsonObject? other) =>
        obj is null || obj.All(member => Same(member.Value, other?[member.Key]) || (IsZero(member.Value) && IsZero(other?[member.Key])));

    private static bool IsZero(JsonNode? value) => value switch
    {
        null => true,
        JsonObject obj => obj.Count == 0,
        JsonArray array => array.Count == 0,
        _ => value.AsString() is "" || value.AsBoolean() is false || value.AsInt64() is 0,
    };
}
