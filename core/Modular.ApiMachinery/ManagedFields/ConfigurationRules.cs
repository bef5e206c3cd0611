using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Says what is wrong with a configuration that is to be applied, in Kubernetes' words: nobody could own what the schema does not know.</summary>
public static class ConfigurationRules
{
    /// <summary>Demands that every field is declared, of its type, and every entry of a list told apart.</summary>
    /// <exception cref="ApiException">BadRequest.</exception>
    public static void Demand(JsonObject config, Schema schema, GroupVersionKind kind)
    {
        var problems = new List<string>();
        CheckMembers(config, schema, "", problems);
        if (problems.Count > 0)
        {
            var (ns, name) = (config.GetString("metadata.namespace") ?? "", config.GetString("metadata.name") ?? "");
            var text = problems.Count == 1 ? problems[0] : "errors:\n  " + string.Join("\n  ", problems);
            throw new ApiException(StatusReason.BadRequest, $"failed to create typed patch object ({ns}/{name}; {Qualified(kind)}): {text}");
        }
    }

    /// <summary>A kind as Kubernetes' messages about applying name it.</summary>
    public static string Qualified(GroupVersionKind kind) => $"{kind.Group}/{kind.Version}, Kind={kind.Kind}";

    private static void Check(JsonNode? value, Schema? schema, string path, List<string> problems)
    {
        if (value is null || schema is null or { Type: SchemaType.Any })
        {
            return;
        }

        if (Expected(value, schema) is { } expected)
        {
            problems.Add($"{path}: expected {expected}, got {TypeOf(value)}");
        }
        else if (value is JsonObject obj)
        {
            CheckMembers(obj, schema, path, problems);
        }
        else if (value is JsonArray array)
        {
            CheckEntries(array, schema, path, problems);
        }
    }

    private static void CheckMembers(JsonObject obj, Schema schema, string path, List<string> problems)
    {
        for (var i = 0; i < obj.Count && problems.Count < StrictDecoding.MostProblems; i++)
        {
            var (name, value) = obj.GetAt(i);
            if (schema.Member(name) is { } member)
            {
                Check(value, member, $"{path}.{name}", problems);
            }
            else if (!schema.PreserveUnknownFields && !(path.Length == 0 && name is "apiVersion" or "kind" or "metadata"))
            {
                problems.Add($"{path}.{name}: field not declared in schema");
            }
        }
    }

    private static void CheckEntries(JsonArray array, Schema list, string path, List<string> problems)
    {
        var seen = new HashSet<PathElement>();
        for (var i = 0; i < array.Count && problems.Count < StrictDecoding.MostProblems; i++)
        {
            var element = new PathElement(PathElementKind.Index, i.ToString());
            if (list.ListKind != ListKind.Atomic)
            {
                if (!PathElement.TryOf(array[i], list, out element) || MissingKey(array[i], list) is not null)
                {
                    problems.Add($"{path}: element {i}: {Untold(array[i], list)}");
                    return;
                }

                if (!seen.Add(element))
                {
                    problems.Add($"{path}: duplicate entries for key {element}");
                }
            }

            Check(array[i], list.Items, path + element, problems);
        }
    }

    private static string? MissingKey(JsonNode? entry, Schema list)
    {
        if (list.ListKind == ListKind.Map && entry is JsonObject obj)
        {
            foreach (var key in list.ListMapKeys)
            {
                if (obj[key] is null && list.Items?.Member(key)?.Default is null && list.Items?.Required.Contains(key) == true)
                {
                    return key;
                }
            }
        }

        return null;
    }

    private static string Untold(JsonNode? entry, Schema list) => (list.ListKind, entry) switch
    {
        (ListKind.Set, JsonObject) => "associative list without keys has an element that's a map type",
        (ListKind.Set, JsonArray) => "not supported: associative list with lists as elements",
        (ListKind.Set, _) => "associative list without keys has an element that's an explicit null",
        (_, null) => "associative list with keys may not have a null element",
        (_, JsonObject) => $"associative list with keys has an element that omits key field \"{MissingKey(entry, list) ?? list.ListMapKeys[0]}\" (and doesn't have default value)",
        _ => "associative list with keys may not have non-map elements",
    };

    /// <summary>What the schema demands, if the value is not that.</summary>
    private static string? Expected(JsonNode value, Schema schema) => ScalarFormats.HasType(value, schema) ? null : schema.Type switch
    {
        SchemaType.Object => "map",
        SchemaType.Array => "list",
        SchemaType.String => "string",
        SchemaType.Boolean => "boolean",
        SchemaType.Integer or SchemaType.Number => "numeric (int or float)",
        _ => "any scalar",
    };

    private static string TypeOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "map",
        JsonValueKind.Array => "list",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "boolean",
    };
}
