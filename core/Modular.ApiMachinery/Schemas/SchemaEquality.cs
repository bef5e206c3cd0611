using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// Whether two values mean the same, as Kubernetes sees it: an empty list or map is an absent one, and so is a zero, unless the field tells them apart.
/// Clients that keep objects in types of their own, and all who speak protobuf, send the one for the other.
/// </summary>
internal static class SchemaEquality
{
    /// <summary>Compares two values of one schema; null for absent.</summary>
    public static bool Same(JsonNode? left, JsonNode? right, Schema schema)
    {
        if (left is null || right is null)
        {
            return IsAbsent(left, schema) && IsAbsent(right, schema);
        }

        switch (left, right)
        {
            case (JsonObject one, JsonObject other):
                return Covers(one, other, schema) && Covers(other, one, schema);
            case (JsonArray one, JsonArray other) when schema.Items is { } items:
                if (one.Count != other.Count)
                {
                    return false;
                }

                for (var i = 0; i < one.Count; i++)
                {
                    if (!Same(one[i], other[i], items))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return JsonNode.DeepEquals(left, right);
        }
    }

    /// <summary>Whether the other has each member of an object.</summary>
    private static bool Covers(JsonObject obj, JsonObject other, Schema schema)
    {
        foreach (var (name, value) in obj)
        {
            var known = schema.Properties.TryGetValue(name, out var field);
            // A key of a map is there or not, whatever its value.
            if (known ? !Same(value, other[name], field!) : !other.TryGetPropertyValue(name, out var its) || !JsonNode.DeepEquals(value, its))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAbsent(JsonNode? value, Schema schema) => value switch
    {
        null => true,
        JsonArray array => array.Count == 0,
        JsonObject obj => obj.Count == 0 && schema.AdditionalProperties is not null,
        _ when schema.ExplicitPresence => false,
        _ => value.AsString() is "" || value.AsBoolean() is false || value.AsInt64() is 0,
    };
}
