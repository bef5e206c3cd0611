using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// Fills absent fields with their schemas' defaults, at every depth that is there: entries of lists and maps included, but no object is
/// made for the sake of defaults below it. Allocates nothing if no field is missing.
/// </summary>
public static class SchemaDefaulter
{
    /// <summary>
    /// Fills in place. Null counts as absent unless the field is nullable; so do "", 0 and [] of fields that protobuf leaves out then
    /// (<see cref="Schema.FieldPath"/>, <see cref="Schema.ExplicitPresence"/>).
    /// </summary>
    public static void Default(JsonObject obj, Schema schema)
    {
        foreach (var (name, property) in schema.PropertiesWithDefault)
        {
            if (!obj.TryGetPropertyValue(name, out var value) || (value is null && !property.Nullable) || IsZero(value, property))
            {
                obj[name] = property.Default!.DeepClone();
            }
        }

        for (var i = 0; i < obj.Count; i++)
        {
            var (name, value) = obj.GetAt(i);
            if (value is JsonObject or JsonArray && schema.Member(name) is { } member)
            {
                DefaultNode(value, member);
            }
        }
    }

    // Such a field is as good as absent where protobuf would leave it out: Go's clients send their structures' zeros, in JSON too.
    private static bool IsZero(JsonNode? value, Schema schema) => schema is { FieldPath.Count: > 0, ExplicitPresence: false } && schema.Type switch
    {
        SchemaType.String => value.AsString() is "" && schema.Default.AsString() is not "",
        SchemaType.Integer => value.AsInt64() is 0 && schema.Default.AsInt64() is not 0,
        SchemaType.Array => value is JsonArray { Count: 0 } && schema.Default is JsonArray { Count: > 0 },
        _ => false,
    };

    private static void DefaultNode(JsonNode node, Schema schema)
    {
        if (schema.Type == SchemaType.Object && node is JsonObject obj)
        {
            Default(obj, schema);
        }
        else if (schema is { Type: SchemaType.Array, Items: { Type: SchemaType.Object or SchemaType.Array } items }
            && node is JsonArray array)
        {
            for (var i = 0; i < array.Count; i++)
            {
                if (array[i] is { } entry)
                {
                    DefaultNode(entry, items);
                }
            }
        }
    }
}
