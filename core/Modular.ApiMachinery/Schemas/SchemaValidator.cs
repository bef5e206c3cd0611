using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// Says what is wrong with an object by its schema alone: types, formats, required fields, enumerations, duplicates in lists, changes of
/// immutable fields. Allocates next to nothing if all is right.
/// </summary>
public static class SchemaValidator
{
    // Below this, looking through all is cheaper than hashing.
    private const int FewEntries = 16;

    /// <summary>Validates an object.</summary>
    /// <param name="obj">The object, pruned and defaulted.</param>
    /// <param name="old">The object before the change; null on create.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void Validate(JsonObject obj, JsonObject? old, Schema schema, FieldErrors errors) =>
        ValidateNode(obj, old, schema, errors);

    private static void ValidateNode(JsonNode node, JsonNode? old, Schema schema, FieldErrors errors)
    {
        if (!ScalarFormats.HasType(node, schema))
        {
            ReportType(JsonPaths.PathOf(node), TypeName(node), SchemaTypeName(schema), errors);
            return;
        }

        switch (schema.Type)
        {
            case SchemaType.Object:
                ValidateObject((JsonObject)node, old as JsonObject, schema, errors);
                break;
            case SchemaType.Array:
                ValidateArray((JsonArray)node, old as JsonArray, schema, errors);
                break;
            default:
                ValidateScalar(node, schema, errors);
                break;
        }
    }

    private static void ValidateObject(JsonObject obj, JsonObject? old, Schema schema, FieldErrors errors)
    {
        for (var i = 0; i < schema.Required.Count; i++)
        {
            if (!obj.TryGetPropertyValue(schema.Required[i], out var value) || (value is null && !IsNullable(schema, schema.Required[i])))
            {
                errors.Required(JsonPaths.Join(JsonPaths.PathOf(obj), schema.Required[i]));
            }
        }

        if (old is not null)
        {
            foreach (var (name, member) in schema.ImmutableProperties)
            {
                if (old[name] is { } before && !SchemaEquality.Same(before, obj[name], member))
                {
                    errors.Invalid(JsonPaths.Join(JsonPaths.PathOf(obj), name), obj[name], "field is immutable");
                }
            }
        }

        for (var i = 0; i < obj.Count && !errors.IsFull; i++)
        {
            var (name, value) = obj.GetAt(i);
            if (value is not null && schema.Member(name) is { } member)
            {
                ValidateNode(value, old?[name], member, errors);
            }
        }
    }

    private static void ValidateArray(JsonArray array, JsonArray? old, Schema schema, FieldErrors errors)
    {
        if (schema.ListKind != ListKind.Atomic && !schema.AllowDuplicates && array.Count > 1)
        {
            ListDuplicates.Report(array, schema, errors);
        }

        if (schema.Items is not { } items)
        {
            return;
        }

        var before = schema.ListKind == ListKind.Map && old is { Count: > FewEntries } ? new ListEntryIndex(old, schema) : null;
        for (var i = 0; i < array.Count && !errors.IsFull; i++)
        {
            if (array[i] is { } entry)
            {
                var same = schema.ListKind != ListKind.Map ? null : before is null ? ListEntries.FindSame(old, entry, schema) : before.FindSame(old!, entry, schema);
                ValidateNode(entry, same, items, errors);
            }
            else if (!items.Nullable && items.Type != SchemaType.Any)
            {
                ReportType($"{JsonPaths.PathOf(array)}[{i}]", "null", SchemaTypeName(items), errors);
            }
        }
    }

    private static void ValidateScalar(JsonNode node, Schema schema, FieldErrors errors)
    {
        if (!ScalarFormats.HasFormat(node, schema))
        {
            ReportFormat(node, schema, errors);
        }
        else if (schema.Enum.Count > 0 && node.AsString() is { } text && !Contains(schema.Enum, text))
        {
            errors.NotSupported(JsonPaths.PathOf(node), text, schema.Enum);
        }
    }

    private static void ReportFormat(JsonNode node, Schema schema, FieldErrors errors)
    {
        var path = JsonPaths.PathOf(node);
        if (schema.Type == SchemaType.Quantity)
        {
            errors.Invalid(path, ScalarFormats.TextOf(node), ScalarFormats.QuantityProblem(node));
        }
        else
        {
            var format = schema.Type == SchemaType.IntOrString ? "int32" : schema.Format;
            var detail = $"{path} in body must be of type {format}: \"{ScalarFormats.TextOf(node)}\"";
            errors.Invalid(path, node.AsString() ?? (object)node, detail);
        }
    }

    private static void ReportType(string path, string actual, string wanted, FieldErrors errors) =>
        errors.TypeInvalid(path, actual, $"{path} in body must be of type {wanted}: \"{actual}\"");

    private static bool IsNullable(Schema schema, string name) => schema.Member(name) is { Nullable: true } or { Type: SchemaType.Any };

    private static bool Contains(IReadOnlyList<string> values, string text)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] == text)
            {
                return true;
            }
        }

        return false;
    }

    private static string TypeName(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => node.AsInt64() is null ? "number" : "integer",
        _ => "boolean",
    };

    private static string SchemaTypeName(Schema schema) => schema.Type switch
    {
        SchemaType.IntOrString => "integer,string",
        SchemaType.Quantity => "number,string",
        _ => schema.Type.ToString().ToLowerInvariant(),
    };
}
