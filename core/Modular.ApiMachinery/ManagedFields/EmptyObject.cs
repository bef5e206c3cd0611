using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// The object of a kind in which nobody has set anything. Some parts are there all the same: those that the schema fills with an empty object, and lists and maps
/// that must be present. Nobody owns these for having been first.
/// </summary>
internal static class EmptyObject
{
    private const int Deepest = 16;

    public static JsonObject Of(Schema schema) => Of(schema, 0);

    private static JsonObject Of(Schema schema, int depth)
    {
        var obj = new JsonObject();
        foreach (var (name, property) in schema.Properties)
        {
            if (property.Default is JsonObject { Count: 0 } && depth < Deepest)
            {
                obj[name] = Of(property, depth + 1);
            }
            else if ((property.Type == SchemaType.Array || property.AdditionalProperties is not null) && schema.Required.Contains(name))
            {
                obj[name] = null;
            }
        }

        return obj;
    }
}
