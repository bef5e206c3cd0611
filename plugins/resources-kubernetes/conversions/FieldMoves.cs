using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Conversions;

/// <summary>Fields that stand elsewhere in two versions of an object, by dotted paths; what is not named stays.</summary>
internal sealed class FieldMoves(params IReadOnlyList<(string Stored, string Served)> moves)
{
    public void ToServed(JsonObject obj)
    {
        foreach (var (stored, served) in moves)
        {
            Move(obj, stored, served);
        }
    }

    public void ToStored(JsonObject obj)
    {
        // The other way round, for a place may be left by one field before another comes there.
        foreach (var (stored, served) in moves.Reverse())
        {
            Move(obj, served, stored);
        }
    }

    private static void Move(JsonObject obj, string from, string to)
    {
        if (Take(obj, from) is not { } value)
        {
            return;
        }

        var dot = to.LastIndexOf('.');
        (dot < 0 ? obj : obj.GetOrAddObject(to[..dot]))[to[(dot + 1)..]] = value;
    }

    /// <summary>Takes a value out, and objects that are empty without it.</summary>
    private static JsonNode? Take(JsonObject obj, string path)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            obj.Remove(path, out var value);
            return value;
        }

        if (obj[path[..dot]] is not JsonObject inner)
        {
            return null;
        }

        var taken = Take(inner, path[(dot + 1)..]);
        if (taken is not null && inner.Count == 0)
        {
            obj.Remove(path[..dot]);
        }

        return taken;
    }
}
