using System.Text.Json;
using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Columns;

/// <summary>The cells that many tables have, written as command lines expect them.</summary>
internal static class TableCells
{
    public const string None = "<none>";
    public const string Unknown = "<unknown>";

    public static ResourceColumn Name { get; } = new("Name", "string", "name", "The object's name, unique among its kind in its namespace.");

    public static ResourceColumn Age { get; } = new("Age", "string", "", "How long ago the object was created.");

    public static string NameOf(JsonElement obj) => obj.GetString("metadata.name") ?? "";

    public static string AgeOf(JsonElement obj, DateTimeOffset now) => Since(obj.GetString("metadata.creationTimestamp"), now);

    /// <summary>How long ago a time was.</summary>
    public static string Since(string? time, DateTimeOffset now) =>
        time is not null && KubernetesTime.TryParse(time, out var then) ? HumanDuration.Between(then, now) : Unknown;

    /// <summary>The text at a path, or that there is none.</summary>
    public static string TextOrNone(JsonElement obj, string path) => OrNone(obj.GetString(path));

    public static string OrNone(string? text) => string.IsNullOrEmpty(text) ? None : text;

    public static string Joined(IEnumerable<string> texts) => OrNone(string.Join(',', texts));

    public static int CountOf(JsonElement obj, string path) => obj.Get(path) switch
    {
        { ValueKind: JsonValueKind.Array } array => array.GetArrayLength(),
        { ValueKind: JsonValueKind.Object } map => map.GetPropertyCount(),
        _ => 0,
    };

    /// <summary>The entries of a list; none if it is absent.</summary>
    public static IEnumerable<JsonElement> Entries(this JsonElement obj, string path) =>
        obj.Get(path) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>A map of labels as a selector.</summary>
    public static string Selector(JsonElement obj, string path)
    {
        if (obj.Get(path) is not { ValueKind: JsonValueKind.Object } map)
        {
            return None;
        }

        var labels = map.EnumerateObject().Select(label => $"{label.Name}={label.Value.GetString()}").Order(StringComparer.Ordinal);
        return Joined(labels);
    }

    /// <summary>A label selector object as text: labels in order, then expressions.</summary>
    public static string LabelSelector(JsonElement obj, string path)
    {
        if (obj.Get(path) is not { ValueKind: JsonValueKind.Object } selector)
        {
            return None;
        }

        var labels = selector.Get("matchLabels") is { ValueKind: JsonValueKind.Object } map
            ? map.EnumerateObject().Select(label => $"{label.Name}={label.Value.GetString()}").Order(StringComparer.Ordinal)
            : Enumerable.Empty<string>();
        return Joined(labels.Concat(selector.Entries("matchExpressions").Select(Expression)));
    }

    /// <summary>The quantity at a path as it is written; empty if there is none.</summary>
    public static string Quantity(JsonElement obj, string path) => obj.Get(path) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => "",
    };

    /// <summary>A number or text, such as a percentage, or another text if there is none.</summary>
    public static string NumberOrText(JsonElement obj, string path, string otherwise) => Quantity(obj, path) is { Length: > 0 } text ? text : otherwise;

    /// <summary>Whether an object has a condition that is true.</summary>
    public static bool Has(JsonElement obj, string condition) =>
        obj.Entries("status.conditions").Any(c => c.GetString("type") == condition && c.GetString("status") == "True");

    /// <summary>The number at a path; 0 if it is absent.</summary>
    public static JsonNode Number(JsonElement obj, string path) => JsonValue.Create(obj.GetInt64(path) ?? 0);

    private static string Expression(JsonElement expression)
    {
        var values = string.Join(',', expression.Entries("values").Select(value => value.GetString()).Order(StringComparer.Ordinal));
        var key = expression.GetString("key");
        return expression.GetString("operator") switch
        {
            "In" => $"{key} in ({values})",
            "NotIn" => $"{key} notin ({values})",
            "DoesNotExist" => $"!{key}",
            _ => key ?? "",
        };
    }
}
