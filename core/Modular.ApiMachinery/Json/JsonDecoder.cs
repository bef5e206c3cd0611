using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Modular.ApiMachinery;

/// <summary>
/// Builds a tree from the JSON of a request. Unlike <see cref="JsonNode.Parse(ReadOnlySpan{byte}, JsonNodeOptions?, JsonDocumentOptions)"/>
/// it builds the nodes at once, since the pipeline visits all of them, and reports fields that stand twice.
/// </summary>
public static class JsonDecoder
{
    /// <summary>How deep objects and arrays may nest.</summary>
    public const int DeepestNesting = 250;

    // The paths of fields in managedFields are as deep as the fields, and begin deeper.
    internal const int DeepestStored = DeepestNesting + 10;

    private static readonly IReadOnlyList<string> NoDuplicates = [];
    private static readonly JsonDocumentOptions Distinct = new() { AllowDuplicateProperties = false, MaxDepth = DeepestStored };

    // Below the object and its metadata.
    private const int ManagedFieldsDepth = 2;

    /// <summary>Decodes one JSON value that is not null.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="duplicates">
    /// The paths of fields that stand twice in an object, such as <c>spec.replicas</c>, the first hundred; the last one won.
    /// </param>
    /// <exception cref="ApiException">BadRequest: not JSON, not UTF-8, nested too deep, empty or followed by something else.</exception>
    public static JsonNode Decode(ReadOnlySpan<byte> utf8, out IReadOnlyList<string> duplicates) => Decode(utf8, DeepestNesting, out duplicates);

    /// <summary>Decodes a value that stands inside others: it may nest less deep.</summary>
    internal static JsonNode Decode(ReadOnlySpan<byte> utf8, int deepest, out IReadOnlyList<string> duplicates)
    {
        if (utf8.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            throw Wrong("the request body is empty");
        }

        Twice? found = null;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Math.Max(deepest, 1) });
        JsonNode? node;
        try
        {
            reader.Read();
            node = ReadValue(utf8, ref reader, parent: null, name: null, ref found);
            reader.Read(); // throws if anything follows
        }
        catch (JsonException e)
        {
            throw new ApiException(new ApiStatus(StatusReason.BadRequest, "json parse error: " + Explain(e)), e);
        }
        catch (InvalidOperationException e)
        {
            // The reader decodes strings only when they are asked for, and reports broken UTF-8 or half surrogate pairs this way.
            throw new ApiException(new ApiStatus(StatusReason.BadRequest, "json parse error: a string is not valid UTF-8"), e);
        }

        duplicates = found?.Paths ?? NoDuplicates;
        return node ?? throw Wrong("the request body is null");
    }

    /// <summary>Decodes one JSON object.</summary>
    /// <exception cref="ApiException">BadRequest, also if it is another JSON value.</exception>
    public static JsonObject DecodeObject(ReadOnlySpan<byte> utf8, out IReadOnlyList<string> duplicates) =>
        Decode(utf8, out duplicates) as JsonObject ?? throw Wrong("the request body is not a JSON object");

    /// <summary>Decodes a stored object.</summary>
    internal static JsonObject DecodeStored(ReadOnlySpan<byte> body) => (JsonObject)Decode(body, DeepestStored, out _);

    private static JsonNode? ReadValue(ReadOnlySpan<byte> utf8, ref Utf8JsonReader reader, JsonNode? parent, string? name, ref Twice? duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var obj = new JsonObject();
                Attach(parent, name, obj, ref duplicates);
                ReadMembers(utf8, ref reader, obj, ref duplicates);
                return obj;
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                Attach(parent, name, array, ref duplicates);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    ReadValue(utf8, ref reader, array, name: null, ref duplicates);
                }

                return array;
            default:
                var scalar = ReadScalar(ref reader);
                Attach(parent, name, scalar, ref duplicates);
                return scalar;
        }
    }

    private static void ReadMembers(ReadOnlySpan<byte> utf8, ref Utf8JsonReader reader, JsonObject obj, ref Twice? duplicates)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.CurrentDepth == ManagedFieldsDepth && reader.TokenType == JsonTokenType.StartArray && name == "managedFields"
                && TryReadWhole(utf8, ref reader, out var whole))
            {
                Attach(obj, name, whole, ref duplicates);
                continue;
            }

            ReadValue(utf8, ref reader, obj, name, ref duplicates);
        }
    }

    /// <summary>
    /// Reads an array into which hardly anybody looks, but for one that compares its bytes. What would fail whoever looks has to be built: fields that
    /// stand twice, and strings that may be none.
    /// </summary>
    private static bool TryReadWhole(ReadOnlySpan<byte> utf8, ref Utf8JsonReader reader, out JsonArray? array)
    {
        array = null;
        var start = (int)reader.TokenStartIndex;
        var behind = reader;
        behind.Skip();
        var whole = utf8[start..(int)behind.BytesConsumed];
        if (whole.IndexOf("\\u"u8) >= 0 || !Utf8.IsValid(whole))
        {
            return false;
        }

        try
        {
            array = JsonArray.Create(JsonElement.Parse(whole, Distinct));
        }
        catch (JsonException)
        {
            return false;
        }

        reader = behind;
        return true;
    }

    private static JsonValue? ReadScalar(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => JsonValue.Create(reader.GetString()),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        JsonTokenType.Null => null,
        // Keeps the number's own text and converts to every numeric type.
        _ => JsonValue.Create(JsonElement.ParseValue(ref reader)),
    };

    // Containers are attached before they are filled: a duplicate's path is then known from its ancestors.
    private static void Attach(JsonNode? parent, string? name, JsonNode? child, ref Twice? duplicates)
    {
        if (parent is JsonArray array)
        {
            array.Add(child);
        }
        else if (parent is JsonObject obj && !obj.TryAdd(name!, child, out var index))
        {
            obj.SetAt(index, child);
            (duplicates ??= new Twice()).Add(obj, name!);
        }
    }

    private static string Explain(JsonException e)
    {
        // The reader's own sentence ends in a position that counts from zero.
        var text = e.Message;
        var position = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        text = (position < 0 ? text : text[..position]).TrimEnd('.');
        return $"{text} (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})";
    }

    private static ApiException Wrong(string message) => new(StatusReason.BadRequest, message);

    /// <summary>The fields that stand twice, as far as they are told.</summary>
    private sealed class Twice
    {
        private readonly List<string> _paths = [];
        private int _seen;

        public IReadOnlyList<string> Paths => _paths;

        public void Add(JsonObject obj, string name)
        {
            // Finding a path takes longer the more there is beside it. One that stands there many times counts, and is told once.
            if (_paths.Count == StrictDecoding.MostProblems || ++_seen > StrictDecoding.MostProblems * 2)
            {
                return;
            }

            var path = StrictDecoding.Shown(JsonPaths.Join(JsonPaths.PathOf(obj), name));
            if (!_paths.Contains(path))
            {
                _paths.Add(path);
            }
        }
    }
}
