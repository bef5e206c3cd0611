using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>A partial document that is laid over a document (RFC 7396): null takes a member away, arrays are replaced.</summary>
public static class MergePatch
{
    /// <summary>Applies the patch. Changes the target in place, leaves the patch as it is.</summary>
    /// <returns>The document; another node than the target if the patch or the target is no object.</returns>
    public static JsonNode Apply(JsonNode target, JsonNode patch) => Merge(target, patch);

    private static JsonNode Merge(JsonNode? target, JsonNode patch)
    {
        if (patch is not JsonObject members)
        {
            return patch.DeepClone();
        }

        var result = target as JsonObject ?? [];
        for (var i = 0; i < members.Count; i++)
        {
            var (name, value) = members.GetAt(i);
            if (value is null)
            {
                result.Remove(name);
                continue;
            }

            var before = result[name];
            var after = Merge(before, value);
            if (after != before)
            {
                result[name] = after;
            }
        }

        return result;
    }
}
