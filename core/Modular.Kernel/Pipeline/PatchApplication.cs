using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>Lays a patch over a document.</summary>
internal static class PatchApplication
{
    /// <summary>Whether a patch may be about metadata.managedFields, without which objects are patched otherwise.</summary>
    public static bool MayTouchManagedFields(PatchType type, JsonNode patch)
    {
        if (type != PatchType.Json)
        {
            return patch is JsonObject { } obj && obj["metadata"] is JsonObject metadata && metadata.ContainsKey("managedFields");
        }

        for (var i = 0; patch is JsonArray operations && i < operations.Count; i++)
        {
            if (operations[i] is JsonObject operation && (Covers(operation["path"].AsString()) || Covers(operation["from"].AsString())))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Covers(string? pointer) => pointer is "" or "/metadata" || pointer?.StartsWith("/metadata/managedFields", StringComparison.Ordinal) == true;

    /// <summary>Applies the patch to the document, which it may change.</summary>
    /// <exception cref="ApiException">The patch is malformed, or does not fit the document.</exception>
    public static JsonObject Apply(JsonObject document, PatchType type, JsonNode patch, Schema? schema)
    {
        if (type != PatchType.Json && patch is not JsonObject)
        {
            throw RequestErrors.Bad("the patch is not a JSON object");
        }

        var result = type switch
        {
            PatchType.Json => JsonPatch.Apply(document, patch),
            PatchType.Merge => MergePatch.Apply(document, patch),
            _ => StrategicMergePatch.Apply(document, patch, schema),
        };
        return result as JsonObject ?? throw RequestErrors.Bad("the patch leaves no JSON object");
    }
}
