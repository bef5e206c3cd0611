using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Takes the fields of a set out of an object, with all that is below them. Objects and lists that become empty by it go too, but for those that
/// somebody owns as such.</summary>
internal static class FieldRemoval
{
    /// <summary>Removes in place.</summary>
    public static void Remove(JsonObject obj, FieldSet fields, FieldSet owned, Schema schema) => RemoveMembers(obj, fields, owned, schema);

    private static bool RemoveBelow(JsonNode? value, FieldSet fields, FieldSet owned, Schema? schema)
    {
        switch (ValueShapes.Of(schema, value))
        {
            case ValueShape.Members when value is JsonObject obj:
                RemoveMembers(obj, fields, owned, schema);
                return obj.Count == 0;
            case ValueShape.Entries when value is JsonArray array:
                RemoveEntries(array, fields, owned, schema!);
                return array.Count == 0;
            default:
                // Nobody owns parts of a value that is one: it goes as a whole, unless it has no parts.
                return value is JsonObject or JsonArray;
        }
    }

    private static void RemoveMembers(JsonObject obj, FieldSet fields, FieldSet owned, Schema? schema)
    {
        foreach (var node in fields.Nodes)
        {
            if (node.Element.Kind != PathElementKind.Field || !obj.TryGetPropertyValue(node.Element.Text, out var value))
            {
                continue;
            }

            var kept = owned.TryFind(node.Element, out var owner) ? owner : new FieldSet.Node(node.Element, false, FieldSet.Empty);
            if (node.IsMember || (value is not null && RemoveBelow(value, node.Below, kept.Below, ValueShapes.Member(schema, node.Element.Text)) && !kept.IsMember))
            {
                obj.Remove(node.Element.Text);
            }
        }
    }

    private static void RemoveEntries(JsonArray array, FieldSet fields, FieldSet owned, Schema list)
    {
        for (var i = array.Count - 1; i >= 0; i--)
        {
            if (PathElement.TryOf(array[i], list, out var element)
                && fields.TryFind(element, out var node)
                && (node.IsMember || (array[i] is { } entry && RemoveBelow(entry, node.Below, BelowOf(owned, element), list.Items))))
            {
                array.RemoveAt(i);
            }
        }
    }

    private static FieldSet BelowOf(FieldSet owned, PathElement element) => owned.TryFind(element, out var node) ? node.Below : FieldSet.Empty;
}
