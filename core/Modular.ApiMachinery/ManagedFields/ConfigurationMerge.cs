using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// Lays an applied configuration over an object: what the configuration states wins, nothing is taken away. Lists and maps that are one value are replaced;
/// the others keep the order they have as far as the configuration leaves it, else the configuration's.
/// </summary>
internal static class ConfigurationMerge
{
    /// <summary>The merged object; both stay as they are.</summary>
    public static JsonObject Merge(JsonObject live, JsonObject config, Schema schema) => MergeMembers(live, config, schema);

    private static JsonNode? Merge(JsonNode? live, JsonNode? config, Schema? schema)
    {
        var shape = ValueShapes.Of(schema, live, config);
        if (shape == ValueShape.Leaf || (ValueShapes.IsEmpty(live) && ValueShapes.IsEmpty(config)))
        {
            return config?.DeepClone();
        }

        if (shape == ValueShape.Members)
        {
            return MergeMembers(live as JsonObject, config as JsonObject, schema);
        }

        return MergeEntries(live as JsonArray ?? [], config as JsonArray ?? [], schema!);
    }

    private static JsonObject MergeMembers(JsonObject? live, JsonObject? config, Schema? schema)
    {
        var merged = new JsonObject();
        for (var i = 0; i < live?.Count; i++)
        {
            var (name, value) = live.GetAt(i);
            merged[name] = config is not null && config.TryGetPropertyValue(name, out var stated)
                ? Merge(value, stated, ValueShapes.Member(schema, name))
                : value?.DeepClone();
        }

        for (var i = 0; i < config?.Count; i++)
        {
            var (name, value) = config.GetAt(i);
            if (live is null || !live.ContainsKey(name))
            {
                merged[name] = value?.DeepClone();
            }
        }

        return merged;
    }

    private static JsonArray MergeEntries(JsonArray live, JsonArray config, Schema list)
    {
        var (ours, theirs) = (new ListEntryIndex(live, list), new ListEntryIndex(config, list));
        var shared = new Queue<PathElement>();
        for (var i = 0; i < theirs.Count; i++)
        {
            if (ours.FirstOf(theirs[i]) >= 0)
            {
                shared.Enqueue(theirs[i]);
            }
        }

        var merged = new JsonArray();
        var done = new HashSet<PathElement>();
        var (left, right) = (0, 0);
        while (left < ours.Count || right < theirs.Count)
        {
            if (left < ours.Count)
            {
                var entry = ours[left];
                if (theirs.FirstOf(entry) < 0)
                {
                    merged.Add(live[left++]?.DeepClone());
                    continue;
                }

                // Entries of both come in the configuration's order: one that is not next comes when the configuration comes to it.
                if (right < theirs.Count && entry != theirs[right] && shared.TryPeek(out var next) && next != entry)
                {
                    left++;
                    continue;
                }

                if (done.Contains(entry) || (right < theirs.Count && entry == theirs[right]))
                {
                    left++;
                }
            }

            if (right < theirs.Count)
            {
                var stated = theirs[right];
                var at = ours.IsTwice(stated) ? -1 : ours.FirstOf(stated);
                merged.Add(at < 0 ? config[right]?.DeepClone() : Merge(live[at], config[right], list.Items));
                done.Add(stated);
                if (shared.TryPeek(out var expected) && expected == stated)
                {
                    shared.Dequeue();
                }

                right++;
            }
        }

        return merged;
    }
}
