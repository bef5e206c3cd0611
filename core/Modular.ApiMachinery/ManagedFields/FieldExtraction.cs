using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Finds the fields that an object states: its leaves, the entries of its lists and maps, and what is there but empty.</summary>
public static class FieldExtraction
{
    /// <summary>The fields of an object.</summary>
    public static FieldSet Extract(JsonObject obj, Schema schema) => Members(obj, schema, new FieldSetBuilder());

    internal static FieldSet Below(JsonNode? value, Schema? schema, FieldSetBuilder builder) => ValueShapes.Of(schema, value) switch
    {
        ValueShape.Members when value is JsonObject obj => Members(obj, schema, builder),
        ValueShape.Entries when value is JsonArray array => Entries(array, schema!, builder),
        _ => FieldSet.Empty,
    };

    private static FieldSet Members(JsonObject obj, Schema? schema, FieldSetBuilder builder)
    {
        var begin = builder.Begin();
        for (var i = 0; i < obj.Count; i++)
        {
            var (name, value) = obj.GetAt(i);
            var member = ValueShapes.Member(schema, name);
            var isDeclared = schema is not null && schema.Properties.ContainsKey(name);
            var isMember = !isDeclared || value is null or JsonObject { Count: 0 } || ValueShapes.Of(member, value) == ValueShape.Leaf;
            builder.Add(PathElement.Field(name), isMember, Below(value, member, builder));
        }

        return builder.End(begin);
    }

    private static FieldSet Entries(JsonArray array, Schema list, FieldSetBuilder builder)
    {
        var begin = builder.Begin();
        var entries = new ListEntryIndex(array, list);
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries.FirstOf(entries[i]) == i)
            {
                var below = entries.IsTwice(entries[i]) ? FieldSet.Empty : Below(array[i], list.Items, builder);
                builder.Add(entries[i], true, below);
            }
        }

        return builder.End(begin);
    }
}
