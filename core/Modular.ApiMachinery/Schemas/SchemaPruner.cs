using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Drops the fields of an object that its schema does not know. Allocates nothing if there are none.</summary>
public static class SchemaPruner
{
    /// <summary>Prunes in place. At the root apiVersion, kind and metadata stay even if the schema does not name them.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="schema">
    /// Its schema. An object schema without fields, map values or <see cref="Schema.PreserveUnknownFields"/> keeps nothing.
    /// </param>
    /// <param name="unknown">Receives the paths of what was dropped, such as <c>spec.containers[0].x</c>; null if nobody asks.</param>
    public static void Prune(JsonObject obj, Schema schema, ICollection<string>? unknown) =>
        PruneObject(obj, schema, isRoot: true, unknown);

    private static void PruneNode(JsonNode node, Schema schema, ICollection<string>? unknown)
    {
        if (schema.Type == SchemaType.Object && node is JsonObject obj)
        {
            PruneObject(obj, schema, isRoot: false, unknown);
        }
        else if (schema is { Type: SchemaType.Array, Items: { Type: SchemaType.Object or SchemaType.Array } items }
            && node is JsonArray array)
        {
            for (var i = 0; i < array.Count; i++)
            {
                if (array[i] is { } entry)
                {
                    PruneNode(entry, items, unknown);
                }
            }
        }
    }

    private static void PruneObject(JsonObject obj, Schema schema, bool isRoot, ICollection<string>? unknown)
    {
        var dropped = 0;
        for (var i = 0; i < obj.Count; i++)
        {
            var (name, value) = obj.GetAt(i);
            if (schema.Member(name) is { } member)
            {
                if (value is not null)
                {
                    PruneNode(value, member, unknown);
                }
            }
            else if (!Stays(name, schema, isRoot))
            {
                dropped++;
                if (unknown?.Count < StrictDecoding.MostProblems)
                {
                    unknown.Add(StrictDecoding.Shown(JsonPaths.Join(JsonPaths.PathOf(obj), name)));
                }
            }
        }

        // From the end: each one moves only those that stay, and these are few.
        for (var i = obj.Count - 1; dropped > 0; i--)
        {
            var name = obj.GetAt(i).Key;
            if (schema.Member(name) is null && !Stays(name, schema, isRoot))
            {
                obj.RemoveAt(i);
                dropped--;
            }
        }
    }

    private static bool Stays(string name, Schema schema, bool isRoot) =>
        schema.PreserveUnknownFields || (isRoot && name is "apiVersion" or "kind" or "metadata");
}
