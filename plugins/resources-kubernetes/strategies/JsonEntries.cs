using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Walks the lists of objects that specs are made of, and names their fields in errors.</summary>
internal static class JsonEntries
{
    /// <summary>The strings in the list at a path.</summary>
    public static IEnumerable<string> Strings(this JsonObject obj, string path)
    {
        foreach (var node in obj.GetArray(path) ?? [])
        {
            if (node.AsString() is { } text)
            {
                yield return text;
            }
        }
    }

    /// <summary>The path of a field of an object that stands somewhere in a tree.</summary>
    public static string FieldPath(this JsonObject obj, string field) => JsonPaths.Join(JsonPaths.PathOf(obj), field);

    /// <summary>Reports everything that a rule has against the value of a field.</summary>
    public static void InvalidAll(this FieldErrors errors, string field, object? value, IReadOnlyList<string> details)
    {
        foreach (var detail in details)
        {
            errors.Invalid(field, value, detail);
        }
    }

    /// <summary>The same for a field of an object; where it stands is only looked up if there is something to report.</summary>
    public static void InvalidAll(this FieldErrors errors, JsonObject obj, string field, object? value, IReadOnlyList<string> details)
    {
        if (details.Count > 0)
        {
            errors.InvalidAll(obj.FieldPath(field), value, details);
        }
    }
}
