using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// A partial object that is laid over an object by the rules of its schema: maps merge, null takes a field away, lists merge by their
/// merge key or as sets where the schema says so, and directives ($patch, $retainKeys, $setElementOrder/x, $deleteFromPrimitiveList/x)
/// say what fields cannot.
/// </summary>
public static class StrategicMergePatch
{
    /// <summary>Applies the patch. Changes the target in place, leaves the patch as it is.</summary>
    /// <param name="target">The object.</param>
    /// <param name="patch">The patch, an object.</param>
    /// <param name="schema">The object's schema; without one, all lists are replaced.</param>
    /// <returns>The object; another node than the target if the patch replaces it whole.</returns>
    /// <exception cref="ApiException">BadRequest for a patch that cannot be applied.</exception>
    public static JsonNode Apply(JsonNode target, JsonNode patch, Schema? schema) =>
        MergeObject(
            target as JsonObject ?? throw PatchDirectives.Wrong("only objects can be patched by strategic merge"),
            patch as JsonObject ?? throw PatchDirectives.Wrong("a strategic merge patch must be an object"),
            schema);

    internal static JsonObject MergeObject(JsonObject target, JsonObject patch, Schema? schema)
    {
        switch (PatchDirectives.Of(patch))
        {
            case "replace":
                return (JsonObject)PatchDirectives.Materialize(patch);
            case "delete":
                return [];
        }

        RetainKeys(target, patch);
        for (var i = 0; i < patch.Count; i++)
        {
            var (name, value) = patch.GetAt(i);
            if (!PatchDirectives.IsDirective(name))
            {
                MergeMember(target, name, value, patch, schema?.Member(name));
            }
            else if (ListOf(name) is { } list && !patch.ContainsKey(list))
            {
                // Only directives for this list: it may get shorter or another order.
                MergeList(target, list, [], patch, schema?.Member(list));
            }
        }

        return target;
    }

    private static void MergeMember(JsonObject target, string name, JsonNode? value, JsonObject patch, Schema? schema)
    {
        var before = target[name];
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject fields when before is JsonObject obj:
                Put(target, name, MergeObject(obj, fields, schema));
                break;
            case JsonArray entries when before is JsonArray && schema is { PatchMerge: true }:
                MergeList(target, name, entries, patch, schema);
                break;
            default:
                target[name] = PatchDirectives.Materialize(value);
                break;
        }
    }

    private static void MergeList(JsonObject target, string name, JsonArray entries, JsonObject patch, Schema? schema)
    {
        if (schema is not { PatchMerge: true } || target[name] is not JsonArray before)
        {
            return;
        }

        var deleted = patch[PatchDirectives.DeleteFromPrimitiveList + name] as JsonArray;
        var order = patch[PatchDirectives.SetElementOrder + name] as JsonArray;
        target[name] = StrategicListMerge.Merge(before, entries, deleted, order, schema);
    }

    private static void RetainKeys(JsonObject target, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(PatchDirectives.RetainKeys, out var directive))
        {
            return;
        }

        var retained = (directive as JsonArray ?? throw PatchDirectives.Wrong("invalid patch format of retainKeys"))
            .Select(key => key.AsString() ?? "")
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (name, value) in patch)
        {
            if (value is not null && !PatchDirectives.IsDirective(name) && !retained.Contains(name))
            {
                throw PatchDirectives.Wrong($"invalid patch format of retainKeys: it does not list \"{name}\", which the patch sets");
            }
        }

        for (var i = target.Count - 1; i >= 0; i--)
        {
            if (!retained.Contains(target.GetAt(i).Key))
            {
                target.RemoveAt(i);
            }
        }
    }

    private static string? ListOf(string directive) =>
        directive.StartsWith(PatchDirectives.SetElementOrder, StringComparison.Ordinal) ? directive[PatchDirectives.SetElementOrder.Length..]
        : directive.StartsWith(PatchDirectives.DeleteFromPrimitiveList, StringComparison.Ordinal)
            ? directive[PatchDirectives.DeleteFromPrimitiveList.Length..]
            : null;

    private static void Put(JsonObject target, string name, JsonObject value)
    {
        if (target[name] != value)
        {
            target[name] = value;
        }
    }
}
