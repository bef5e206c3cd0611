using System.Text.Json.Nodes;

namespace Modular.Kernel;

/// <summary>What a write through a subresource that is a part of the object may change.</summary>
internal static class PartWrites
{
    private const string Entries = "[]";

    /// <summary>Puts everything but some fields back to what it was, in place.</summary>
    /// <param name="obj">The object as it was sent.</param>
    /// <param name="old">The object as it is.</param>
    /// <param name="fields">What may change, as <see cref="Subresource.Fields"/> says it.</param>
    public static void KeepAllBut(JsonObject obj, JsonObject old, IReadOnlyList<string> fields)
    {
        var kept = (JsonObject)old.DeepClone();
        foreach (var field in fields)
        {
            Copy(obj, kept, field.Split('.'));
        }

        obj.Clear();
        foreach (var (name, value) in kept.ToList())
        {
            kept.Remove(name);
            obj[name] = value;
        }
    }

    private static void Copy(JsonObject from, JsonObject to, ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
        {
            SystemMetadata.Copy(to, from, path[0]);
            return;
        }

        if (!path[0].EndsWith(Entries, StringComparison.Ordinal))
        {
            if (from[path[0]] is JsonObject source && to[path[0]] is JsonObject target)
            {
                Copy(source, target, path[1..]);
            }

            return;
        }

        var list = path[0][..^Entries.Length];
        foreach (var entry in (to[list] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (Find(from[list] as JsonArray, entry["name"].AsString()) is { } source)
            {
                Copy(source, entry, path[1..]);
            }
        }
    }

    private static JsonObject? Find(JsonArray? list, string? name)
    {
        foreach (var entry in list ?? [])
        {
            if (entry is JsonObject found && name is not null && found["name"].AsString() == name)
            {
                return found;
            }
        }

        return null;
    }
}
