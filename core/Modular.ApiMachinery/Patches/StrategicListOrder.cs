using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// The order of a merged list, as Kubernetes has it: what the patch names stands in the patch's order, what only the server has in the
/// server's; the two are woven together by the server's order where it knows both, and new entries come as early as they can.
/// </summary>
internal static class StrategicListOrder
{
    public static List<JsonNode?> Arrange(List<JsonNode?> merged, List<JsonNode?> liveOrder, List<JsonNode?> patchOrder, string key)
    {
        var fromPatch = new List<Place>();
        var serverOnly = new List<Place>();
        foreach (var entry in merged)
        {
            var identity = StrategicListMerge.Identity(entry, key);
            var place = new Place(entry, IndexOf(liveOrder, identity), IndexOf(patchOrder, identity));
            (place.InPatch < 0 ? serverOnly : fromPatch).Add(place);
        }

        // Stable, so that scalars that stand twice keep their places.
        var patched = fromPatch.OrderBy(p => p.InPatch).ToList();
        return Weave(serverOnly, patched);
    }

    private static List<JsonNode?> Weave(List<Place> serverOnly, List<Place> patched)
    {
        var result = new List<JsonNode?>(serverOnly.Count + patched.Count);
        var next = 0;
        foreach (var place in patched)
        {
            while (next < serverOnly.Count && place.InLive >= 0 && serverOnly[next].InLive < place.InLive)
            {
                result.Add(serverOnly[next++].Entry);
            }

            result.Add(place.Entry);
        }

        while (next < serverOnly.Count)
        {
            result.Add(serverOnly[next++].Entry);
        }

        return result;
    }

    private static int IndexOf(List<JsonNode?> identities, JsonNode? identity)
    {
        for (var i = 0; i < identities.Count; i++)
        {
            if (ListEntries.ScalarsEqual(identities[i], identity))
            {
                return i;
            }
        }

        return -1;
    }

    private readonly record struct Place(JsonNode? Entry, int InLive, int InPatch);
}
