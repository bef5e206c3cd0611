using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Finds what nests deeper than a document may.</summary>
internal static class NestingDepth
{
    /// <summary>An object or array inside so many others that no document may hold it; null if there is none.</summary>
    public static JsonNode? FindTooDeep(JsonNode? node) => Find(node, JsonDecoder.DeepestNesting);

    private static JsonNode? Find(JsonNode? node, int allowed)
    {
        if (node is null or JsonValue)
        {
            return null;
        }

        if (allowed == 0)
        {
            return node;
        }

        if (node is JsonArray array)
        {
            foreach (var entry in array)
            {
                if (Find(entry, allowed - 1) is { } found)
                {
                    return found;
                }
            }

            return null;
        }

        foreach (var (_, value) in (JsonObject)node)
        {
            if (Find(value, allowed - 1) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
