using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Finds entries that stand twice in a set or map-like list.</summary>
internal static class ListDuplicates
{
    // Below this, comparing all pairs is cheaper than hashing and needs no memory.
    private const int FewEntries = 16;

    public static void Report(JsonArray array, Schema list, FieldErrors errors)
    {
        if (array.Count <= FewEntries)
        {
            ReportByPairs(array, list, errors);
        }
        else
        {
            ReportByHash(array, list, errors);
        }
    }

    private static void ReportByPairs(JsonArray array, Schema list, FieldErrors errors)
    {
        for (var i = 1; i < array.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (ListEntries.AreSame(array[i], array[j], list))
                {
                    ReportEntry(array, i, list, errors);
                    break;
                }
            }
        }
    }

    private static void ReportByHash(JsonArray array, Schema list, FieldErrors errors)
    {
        var seen = new HashSet<string>(array.Count, StringComparer.Ordinal);
        for (var i = 0; i < array.Count && !errors.IsFull; i++)
        {
            if (Identity(array[i], list) is { } identity && !seen.Add(identity))
            {
                ReportEntry(array, i, list, errors);
            }
        }
    }

    private static string? Identity(JsonNode? entry, Schema list)
    {
        if (list.ListKind == ListKind.Set)
        {
            return entry?.ToJsonString();
        }

        return entry is JsonObject obj ? Keys(obj, list) is { Count: > 0 } keys ? keys.ToJsonString() : null : null;
    }

    private static void ReportEntry(JsonArray array, int index, Schema list, FieldErrors errors)
    {
        var path = $"{JsonPaths.PathOf(array)}[{index}]";
        if (list.ListKind == ListKind.Set)
        {
            errors.Duplicate(path, array[index].AsString() ?? (object?)array[index]);
        }
        else if (list.ListMapKeys.Count == 1)
        {
            var value = array[index]![list.ListMapKeys[0]];
            errors.Duplicate($"{path}.{list.ListMapKeys[0]}", value.AsString() ?? (object?)value);
        }
        else
        {
            errors.Duplicate(path, Keys((JsonObject)array[index]!, list));
        }
    }

    private static JsonObject Keys(JsonObject entry, Schema list)
    {
        var keys = new JsonObject();
        foreach (var key in list.ListMapKeys)
        {
            if (entry[key] is { } value)
            {
                keys[key] = value.DeepClone();
            }
        }

        return keys;
    }
}
