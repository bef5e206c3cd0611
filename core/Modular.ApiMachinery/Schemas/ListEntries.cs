using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Tells the entries of set and map-like lists apart.</summary>
internal static class ListEntries
{
    /// <summary>True if two entries of a list are the same one.</summary>
    public static bool AreSame(JsonNode? left, JsonNode? right, Schema list)
    {
        if (list.ListKind == ListKind.Set)
        {
            return ScalarsEqual(left, right);
        }

        if (left is not JsonObject a || right is not JsonObject b)
        {
            return false;
        }

        var found = false;
        foreach (var key in list.ListMapKeys)
        {
            var (x, y) = (a[key], b[key]);
            if (!ScalarsEqual(x, y))
            {
                return false;
            }

            found |= x is not null;
        }

        // Entries without any key are wrong, but not the same.
        return found;
    }

    /// <summary>The entry of a list that is the same as this one, or null.</summary>
    public static JsonNode? FindSame(JsonArray? entries, JsonNode? entry, Schema list)
    {
        for (var i = 0; i < entries?.Count; i++)
        {
            if (AreSame(entries[i], entry, list))
            {
                return entries[i];
            }
        }

        return null;
    }

    /// <summary>Compares scalars; strings without allocating.</summary>
    public static bool ScalarsEqual(JsonNode? left, JsonNode? right) =>
        left.AsString() is { } text ? text == right.AsString() : JsonNode.DeepEquals(left, right);
}
