using System.Globalization;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>A place in a JSON document (RFC 6901).</summary>
internal sealed class JsonPointer
{
    private readonly string[] _tokens;

    private JsonPointer(string text, string[] tokens)
    {
        Text = text;
        _tokens = tokens;
    }

    public string Text { get; }

    public bool IsRoot => _tokens.Length == 0;

    /// <summary>The member's name or the entry's index.</summary>
    public string Last => _tokens[^1];

    /// <summary>Reads a pointer; null if it is none.</summary>
    public static JsonPointer? TryParse(string text)
    {
        if (text.Length == 0)
        {
            return new JsonPointer(text, []);
        }

        if (text[0] != '/')
        {
            return null;
        }

        var tokens = text[1..].Split('/');
        for (var i = 0; i < tokens.Length; i++)
        {
            // In this order: ~01 is the text ~1, not a slash.
            tokens[i] = tokens[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        return new JsonPointer(text, tokens);
    }

    /// <summary>Whether this place lies inside the other one.</summary>
    public bool IsBelow(JsonPointer other) =>
        _tokens.Length > other._tokens.Length && _tokens.AsSpan().StartsWith(other._tokens);

    /// <summary>The object or array that holds this place; null if there is none.</summary>
    public JsonNode? FindParent(JsonNode root)
    {
        JsonNode? node = root;
        for (var i = 0; i < _tokens.Length - 1; i++)
        {
            if (!TryGetChild(node, _tokens[i], out node))
            {
                return null;
            }
        }

        return node;
    }

    /// <summary>The value at this place, which may be null; false if the place does not exist.</summary>
    public bool TryGet(JsonNode root, out JsonNode? value)
    {
        value = root;
        foreach (var token in _tokens)
        {
            if (!TryGetChild(value, token, out value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>An entry's index: digits without leading zeros, within the array.</summary>
    public static bool TryIndex(string token, int count, out int index) =>
        int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out index)
        && index < count
        && (token.Length == 1 || token[0] != '0');

    private static bool TryGetChild(JsonNode? node, string token, out JsonNode? child)
    {
        child = null;
        switch (node)
        {
            case JsonObject obj:
                return obj.TryGetPropertyValue(token, out child);
            case JsonArray array when TryIndex(token, array.Count, out var index):
                child = array[index];
                return true;
            default:
                return false;
        }
    }
}
