using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>What a step of a field's path leads to.</summary>
public enum PathElementKind
{
    /// <summary>A field of an object, or a key of a map.</summary>
    Field,
    /// <summary>An entry of a map-like list, by its keys.</summary>
    Key,
    /// <summary>An entry of a set, by itself.</summary>
    Value,
    /// <summary>An entry of a list, by its place.</summary>
    Index,
}

/// <summary>One step of a field's path.</summary>
/// <param name="Kind">What it leads to.</param>
/// <param name="Text">The field's name; the keys as a JSON object, sorted; the value as JSON; the digits of the place.</param>
public readonly record struct PathElement(PathElementKind Kind, string Text)
{
    /// <summary>A field of that name.</summary>
    public static PathElement Field(string name) => new(PathElementKind.Field, name);

    /// <summary>An entry of a list as its schema tells entries apart; false if nothing in it does.</summary>
    public static bool TryOf(JsonNode? entry, Schema list, out PathElement element)
    {
        if (list.ListKind == ListKind.Set)
        {
            element = new PathElement(PathElementKind.Value, JsonOf(entry));
            return entry is JsonValue;
        }

        element = new PathElement(PathElementKind.Key, "{}");
        if (entry is not JsonObject obj)
        {
            return false;
        }

        var keys = new DefaultInterpolatedStringHandler(0, 0, null, stackalloc char[256]);
        var separator = "{";
        foreach (var name in list.SortedListMapKeys)
        {
            if ((obj[name] ?? list.Items?.Member(name)?.Default) is { } value)
            {
                keys.AppendLiteral(separator);
                AppendJson(ref keys, name);
                keys.AppendLiteral(":");
                if (value.AsString() is { } text)
                {
                    AppendJson(ref keys, text);
                }
                else
                {
                    keys.AppendLiteral(JsonOf(value));
                }

                separator = ",";
            }
        }

        keys.AppendLiteral(separator == "{" ? "{}" : "}");
        element = new PathElement(PathElementKind.Key, keys.ToStringAndClear());
        return separator == ",";
    }

    /// <summary>Reads what stands in front of a colon and behind it; false if it is of a kind that nobody knows.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    internal static bool TryParse(string text, out PathElement element)
    {
        element = default;
        if (text.Length < 2 || text[1] != ':')
        {
            throw new FormatException($"\"{text}\" is no path element");
        }

        switch (text[0])
        {
            case 'f':
                element = Field(text[2..]);
                return true;
            case 'k':
                element = new PathElement(PathElementKind.Key, SortKeys(text[2..]));
                return true;
            case 'v':
                element = new PathElement(PathElementKind.Value, JsonOf(Parse(text[2..])));
                return true;
            case 'i':
                element = int.TryParse(text.AsSpan(2), out var place)
                    ? new PathElement(PathElementKind.Index, place.ToString())
                    : throw new FormatException($"\"{text}\" is no path element");
                return true;
            default:
                return false;
        }
    }

    /// <summary>The order in which sets hold and write elements.</summary>
    internal int CompareTo(PathElement other) =>
        Kind == other.Kind ? string.CompareOrdinal(Text, other.Text) : Kind.CompareTo(other.Kind);

    /// <summary>Writes the element as paths are shown to people: <c>.name</c>, <c>[name="a"]</c>, <c>[="a"]</c>, <c>[0]</c>.</summary>
    internal void AppendTo(StringBuilder path)
    {
        switch (Kind)
        {
            case PathElementKind.Field:
                path.Append('.').Append(Text);
                break;
            case PathElementKind.Key:
                path.Append('[');
                var keys = (JsonObject)Parse(Text)!;
                for (var i = 0; i < keys.Count; i++)
                {
                    var (name, value) = keys.GetAt(i);
                    path.Append(i > 0 ? "," : "").Append(name).Append('=').Append(JsonOf(value));
                }

                path.Append(']');
                break;
            case PathElementKind.Value:
                path.Append("[=").Append(Text).Append(']');
                break;
            default:
                path.Append('[').Append(Text).Append(']');
                break;
        }
    }

    /// <inheritdoc />
    public override string ToString()
    {
        var path = new StringBuilder();
        AppendTo(path);
        return path.ToString();
    }

    private static string SortKeys(string json)
    {
        if (Parse(json) is not JsonObject { Count: > 0 } keys)
        {
            throw new FormatException($"\"k:{json}\" is no path element");
        }

        var sorted = new StringBuilder("{");
        foreach (var (name, value) in keys.OrderBy(key => key.Key, StringComparer.Ordinal))
        {
            sorted.Append(sorted.Length > 1 ? "," : "").Append(Quote(name)).Append(':').Append(JsonOf(value));
        }

        return sorted.Append('}').ToString();
    }

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException e)
        {
            throw new FormatException($"\"{json}\" in a path element is no JSON", e);
        }
    }

    private static string JsonOf(JsonNode? value) =>
        value.AsString() is { } text ? Quote(text) : value is null ? "null" : Encoding.UTF8.GetString(ObjectEncoding.EncodeValue(value));

    private static void AppendJson(ref DefaultInterpolatedStringHandler json, string text)
    {
        if (IsPlain(text))
        {
            json.AppendLiteral("\"");
            json.AppendLiteral(text);
            json.AppendLiteral("\"");
        }
        else
        {
            json.AppendLiteral(Quote(text));
        }
    }

    private static string Quote(string text) =>
        IsPlain(text) ? string.Concat("\"", text, "\"") : Encoding.UTF8.GetString(ObjectEncoding.EncodeValue(JsonValue.Create(text)));

    private static bool IsPlain(string text) => text.AsSpan().IndexOfAnyExcept(Plain) < 0;

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");
}
