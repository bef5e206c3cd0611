using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// Fills absent fields with their schemas' defaults, at every depth that is there: entries of lists and maps included, but no object is
/// made for the sake of defaults below it. Allocates nothing if no field is missing.
/// </summary>
public static class SchemaDefaulter
{
    /// <summary>Fills in place. Null counts as absent unless the field is nullable.</summary>
    public static void Default(JsonObject obj, Schema schema)
    {
        foreach (var (name, property) in schema.PropertiesWithDefault)
        {
            if (!obj.TryGetPropertyValue(name, out var value) || (value is null && !property.Nullable))
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
