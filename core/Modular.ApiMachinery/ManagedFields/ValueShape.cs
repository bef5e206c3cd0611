using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>How ownership goes into a value: not at all, by its members, or by its entries.</summary>
internal enum ValueShape
{
    Leaf,
    Members,
    Entries,
}

/// <summary>Tells the shape of values.</summary>
internal static class ValueShapes
{
    /// <summary>The shape of a value; of one without a schema, objects have members and lists are one value.</summary>
    public static ValueShape Of(Schema? schema, JsonNode? value) => schema switch
    {
        null or { Type: SchemaType.Any } => value is JsonObject ? ValueShape.Members : ValueShape.Leaf,
        { Type: SchemaType.Object } => !schema.AtomicMap && value is null or JsonObject ? ValueShape.Members : ValueShape.Leaf,
        { Type: SchemaType.Array } => schema.ListKind != ListKind.Atomic && value is null or JsonArray ? ValueShape.Entries : ValueShape.Leaf,
        _ => ValueShape.Leaf,
    };

    /// <summary>The shape that two versions of a value have in common; null counts as either's.</summary>
    public static ValueShape Of(Schema? schema, JsonNode? one, JsonNode? other)
    {
        var shape = Of(schema, one ?? other);
        return one is null || other is null || shape == Of(schema, other) ? shape : ValueShape.Leaf;
    }

    /// <summary>True for null and for an object or list with nothing in it.</summary>
    public static bool IsEmpty(JsonNode? value) => value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };

    /// <summary>The schema of a member; null where the schema says nothing of it.</summary>
    public static Schema? Member(Schema? schema, string name) => schema?.Member(name);
}
