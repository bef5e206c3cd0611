using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// Turns decoded JSON into an object of a kind. A value of the wrong type is a malformed request (400), as Kubernetes answers for its own
/// kinds; for custom kinds leave <see cref="CheckTypes"/> out and let <see cref="SchemaValidator"/> report types (422).
/// </summary>
public static class SchemaDecoder
{
    private static readonly Schema Free = new() { Type = SchemaType.Any };
    private static readonly Schema Float = new() { Type = SchemaType.Number };

    /// <summary>All steps in place: <see cref="CheckTypes"/>, prune, normalise, default.</summary>
    /// <param name="obj">The object; changed in place.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="kind">Its kind, for the message.</param>
    /// <param name="unknown">Receives the paths of fields that were dropped; null if nobody asks.</param>
    /// <exception cref="ApiException">BadRequest, in Kubernetes' words.</exception>
    public static void Decode(JsonObject obj, Schema schema, GroupVersionKind kind, ICollection<string>? unknown)
    {
        CheckTypes(obj, schema, kind);
        SchemaPruner.Prune(obj, schema, unknown);
        SchemaNormalizer.Normalize(obj, schema);
        SchemaDefaulter.Default(obj, schema);
    }

    /// <summary>Demands that every value has its schema's JSON type and format; null counts as absent.</summary>
    /// <exception cref="ApiException">BadRequest, naming the first wrong field.</exception>
    public static void CheckTypes(JsonObject obj, Schema schema, GroupVersionKind kind)
    {
        if (FindWrong(obj, schema, schema, out var where) is { } wrong)
        {
            throw new ApiException(StatusReason.BadRequest, $"{CannotHandle(kind)}: {Describe(wrong, where)}");
        }
    }

    internal static string CannotHandle(GroupVersionKind kind) =>
        $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}";

    private static JsonNode? FindWrong(JsonNode node, Schema schema, Schema owner, out (Schema Schema, Schema Owner) where)
    {
        where = (schema, owner);
        if (!ScalarFormats.HasType(node, schema) || !ScalarFormats.HasFormat(node, schema))
        {
            return node;
        }

        if (schema.Type == SchemaType.Any)
        {
            where = (Float, owner);
            return FindEndless(node);
        }

        if (schema.Type == SchemaType.Object)
        {
            var obj = (JsonObject)node;
            for (var i = 0; i < obj.Count; i++)
            {
                var (name, value) = obj.GetAt(i);
                var member = schema.Member(name) ?? (schema.PreserveUnknownFields ? Free : null);
                if (value is not null && member is not null && FindWrong(value, member, schema, out where) is { } wrong)
                {
                    return wrong;
                }
            }
        }
        else if (schema is { Type: SchemaType.Array, Items: { } items })
        {
            var array = (JsonArray)node;
            for (var i = 0; i < array.Count; i++)
            {
                if (array[i] is { } value && FindWrong(value, items, owner, out where) is { } wrong)
                {
                    return wrong;
                }
            }
        }

        return null;
    }

    /// <summary>A number in free-form data that is too large for a float: no client could say what it is.</summary>
    private static JsonValue? FindEndless(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject obj:
                foreach (var (_, value) in obj)
                {
                    if (FindEndless(value) is { } found)
                    {
                        return found;
                    }
                }

                return null;
            case JsonArray array:
                foreach (var entry in array)
                {
                    if (FindEndless(entry) is { } found)
                    {
                        return found;
                    }
                }

                return null;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number && !ScalarFormats.IsFinite(value):
                return value;
            default:
                return null;
        }
    }

    private static string Describe(JsonNode node, (Schema Schema, Schema Owner) where)
    {
        var schema = where.Schema;
        if (ScalarFormats.HasType(node, schema))
        {
            switch (schema.Type)
            {
                case SchemaType.Quantity:
                    return $"{ScalarFormats.QuantityProblem(node)} (at {JsonPaths.PathOf(node)})";
                case SchemaType.String when schema.Format == "byte":
                    return $"illegal base64 data (at {JsonPaths.PathOf(node)})";
                case SchemaType.String:
                    return $"parsing time \"{node.AsString()}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse it " +
                        $"(at {JsonPaths.PathOf(node)})";
            }
        }

        var owner = where.Owner.Name[(where.Owner.Name.LastIndexOf('.') + 1)..];
        var field = StrictDecoding.Shown(JsonPaths.Join(owner, JsonPaths.PathOf(node)));
        return $"json: cannot unmarshal {ValueName(node)} into Go struct field {field} of type {GoTypeNames.Of(schema)}";
    }

    private static string ValueName(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => node.AsInt64() is >= int.MinValue and <= int.MaxValue ? "number" : "number " + StrictDecoding.Shown(node.ToJsonString()),
        _ => "bool",
    };
}
