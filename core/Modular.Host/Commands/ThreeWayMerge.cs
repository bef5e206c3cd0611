using System.Text.Json.Nodes;

namespace Modular.Host.Commands;

/// <summary>
/// Works out the merge patch (RFC 7396) that brings a live object to a wanted one: what is wanted and differs is set, what was applied
/// last and is no longer wanted is removed, what others set stays.
/// </summary>
internal static class ThreeWayMerge
{
    public static JsonObject Patch(JsonObject? last, JsonObject wanted, JsonObject live)
    {
        var patch = new JsonObject();
        foreach (var (name, value) in wanted)
        {
            var current = live[name];
            if (value is JsonObject inner && current is JsonObject currentInner)
            {
                var nested = Patch(last?[name] as JsonObject, inner, currentInner);
                if (nested.Count > 0)
                {
                    patch[name] = nested;
                }
            }
            else if (!Covers(current, value) || (last?[name] is { } applied && !JsonNode.DeepEquals(applied, value)))
            {
                patch[name] = value?.DeepClone();
            }
        }

        foreach (var (name, _) in last ?? [])
        {
            if (!wanted.ContainsKey(name) && live.ContainsKey(name))
            {
                patch[name] = null;
            }
        }

        return patch;
    }

    // The server fills defaults into the entries of lists: a list is as wanted if each entry holds everything that is wanted of it.
    private static bool Covers(JsonNode? live, JsonNode? wanted) => (live, wanted) switch
    {
        (JsonObject a, JsonObject b) => b.All(member => Covers(a[member.Key], member.Value)),
        (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(pair => Covers(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(live, wanted),
    };
}
