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
        var (live, patch) = (new EntryPlaces(liveOrder), new EntryPlaces(patchOrder));
        var fromPatch = new List<Place>();
        var serverOnly = new List<Place>();
        foreach (var entry in merged)
        {
            var identity = StrategicListMerge.Identity(entry, key);
            var place = new Place(entry, live.Of(identity), patch.Of(identity));
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

    private readonly record struct Place(JsonNode? Entry, int InLive, int InPatch);
}
