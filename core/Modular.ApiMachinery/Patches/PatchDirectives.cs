using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>The members of a strategic merge patch that say how to merge instead of what.</summary>
internal static class PatchDirectives
{
    public const string Patch = "$patch";
    public const string RetainKeys = "$retainKeys";
    public const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList/";
    public const string SetElementOrder = "$setElementOrder/";

    public static bool IsDirective(string name) =>
        name.StartsWith('$')
        && (name is Patch or RetainKeys
            || name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal)
            || name.StartsWith(SetElementOrder, StringComparison.Ordinal));

    /// <summary>replace, delete, merge, or null if the object has no <c>$patch</c>.</summary>
    public static string? Of(JsonNode? node)
    {
        if (node is not JsonObject obj || !obj.TryGetPropertyValue(Patch, out var value))
        {
            return null;
        }

        return value.AsString() is "replace" or "delete" or "merge"
            ? value.AsString()
            : throw Wrong($"unknown patch type found: {value?.ToJsonString() ?? "null"}");
    }

    /// <summary>A copy of a part of a patch as it looks where there was nothing to merge it with: no directives, no nulls.</summary>
    public static JsonNode Materialize(JsonNode patch)
    {
        switch (patch)
        {
            case JsonObject obj:
                var members = new JsonObject();
                for (var i = 0; i < obj.Count; i++)
                {
                    var (name, value) = obj.GetAt(i);
                    if (value is not null && !IsDirective(name) && Of(value) != "delete")
                    {
                        members[name] = Materialize(value);
                    }
                }

                return members;
            case JsonArray array:
                var entries = new JsonArray();
                foreach (var entry in array)
                {
                    if (!IsListDirective(entry))
                    {
                        entries.Add(entry is null ? null : Materialize(entry));
                    }
                }

                return entries;
            default:
                return patch.DeepClone();
        }
    }

    /// <summary>True for a list's entry that is no content: <c>$patch: delete</c> and <c>$patch: replace</c>.</summary>
    public static bool IsListDirective(JsonNode? entry) => Of(entry) is "delete" or "replace";

    public static ApiException Wrong(string message) => new(StatusReason.BadRequest, message);
}
