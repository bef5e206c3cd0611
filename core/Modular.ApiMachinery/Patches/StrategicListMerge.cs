using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Merges a list of a strategic merge patch into a list that the schema lets merge.</summary>
internal static class StrategicListMerge
{
    /// <param name="live">The list as it is; its entries move into the result.</param>
    /// <param name="patch">The patch's entries.</param>
    /// <param name="deleted">Scalars to take away, or null.</param>
    /// <param name="order">The order demanded, or null for the patch's own.</param>
    /// <param name="list">The list's schema.</param>
    public static JsonArray Merge(JsonArray live, JsonArray patch, JsonArray? deleted, JsonArray? order, Schema list)
    {
        var key = list.PatchMergeKey;
        if (HasReplace(patch))
        {
            return (JsonArray)PatchDirectives.Materialize(patch);
        }

        var liveOrder = Identities(live, key);
        var content = patch.Where(entry => !PatchDirectives.IsListDirective(entry)).ToList();
        var merged = Detach(live);
        RemoveDeleted(merged, patch, deleted, key);
        var places = new EntryPlaces(merged.ConvertAll(entry => Identity(entry, key)));
        foreach (var entry in content)
        {
            MergeEntry(merged, places, entry, key, list.Items);
        }

        var patchOrder = order is null ? content.ConvertAll(entry => Identity(entry, key)) : Identities(order, key);
        if (order is not null)
        {
            RequireSameOrder(content, patchOrder, key);
        }

        return [.. StrategicListOrder.Arrange(merged, liveOrder, patchOrder, key)];
    }

    /// <summary>What tells an entry apart: the value of its merge key, or the scalar itself.</summary>
    public static JsonNode? Identity(JsonNode? entry, string key)
    {
        if (key.Length == 0)
        {
            return entry;
        }

        return entry is JsonObject obj && obj.TryGetPropertyValue(key, out var identity) && identity is not null
            ? identity
            : throw PatchDirectives.Wrong($"map: {entry?.ToJsonString() ?? "null"} does not contain declared merge key: {key}");
    }

    private static bool HasReplace(JsonArray patch)
    {
        foreach (var entry in patch)
        {
            if (PatchDirectives.Of(entry) == "replace")
            {
                return true;
            }
        }

        return false;
    }

    private static List<JsonNode?> Identities(JsonArray entries, string key)
    {
        var identities = new List<JsonNode?>(entries.Count);
        foreach (var entry in entries)
        {
            identities.Add(Identity(entry, key));
        }

        return identities;
    }

    private static List<JsonNode?> Detach(JsonArray array)
    {
        var entries = array.ToList();
        array.Clear();
        return entries;
    }

    private static void RemoveDeleted(List<JsonNode?> merged, JsonArray patch, JsonArray? deleted, string key)
    {
        HashSet<EntryIdentity>? entries = null;
        foreach (var entry in patch)
        {
            if (PatchDirectives.Of(entry) == "delete")
            {
                (entries ??= []).Add(new EntryIdentity(Identity(entry, key)));
            }
        }

        if (entries is not null)
        {
            merged.RemoveAll(entry => entries.Contains(new EntryIdentity(Identity(entry, key))));
        }

        if (deleted is { Count: > 0 })
        {
            var scalars = deleted.Select(scalar => new EntryIdentity(scalar)).ToHashSet();
            merged.RemoveAll(entry => scalars.Contains(new EntryIdentity(entry)));
        }
    }

    private static void MergeEntry(List<JsonNode?> merged, EntryPlaces places, JsonNode? entry, string key, Schema? items)
    {
        var identity = Identity(entry, key);
        var index = places.Of(identity);
        if (index < 0)
        {
            merged.Add(entry is null ? null : PatchDirectives.Materialize(entry));
            places.Add(identity);
        }
        else if (merged[index] is JsonObject live && entry is JsonObject patch)
        {
            merged[index] = StrategicMergePatch.MergeObject(live, patch, items);
        }
    }

    private static void RequireSameOrder(List<JsonNode?> content, List<JsonNode?> order, string key)
    {
        var position = 0;
        foreach (var entry in content)
        {
            var identity = Identity(entry, key);
            var found = order.FindIndex(position, o => ListEntries.ScalarsEqual(o, identity));
            if (found < 0)
            {
                throw PatchDirectives.Wrong(
                    "the order in the patch's list doesn't match its $setElementOrder list: " +
                    $"{identity?.ToJsonString()} is missing or out of place");
            }

            position = found + 1;
        }
    }
}
