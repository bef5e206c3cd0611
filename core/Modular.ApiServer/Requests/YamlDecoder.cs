using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Modular.ApiServer;

/// <summary>Builds the JSON tree that a YAML document means, and reports keys that stand twice.</summary>
public static class YamlDecoder
{
    // Aliases repeat what they stand for; a small document must not become a huge tree.
    private const int MostNodes = 1_000_000;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes one document.</summary>
    /// <param name="utf8">The YAML.</param>
    /// <param name="duplicates">The paths of keys that stand twice in a mapping; the last one won.</param>
    /// <exception cref="ApiException">BadRequest, with the line and what is wrong there.</exception>
    public static JsonNode Decode(ReadOnlySpan<byte> utf8, out IReadOnlyList<string> duplicates) => Decode(utf8, lines: false, out duplicates);

    /// <summary>Decodes one document, and says of keys that stand twice what clients of server-side apply are told.</summary>
    /// <param name="utf8">The YAML.</param>
    /// <param name="duplicates">A sentence for each key that stands twice in a mapping, with the line of the second.</param>
    /// <exception cref="ApiException">BadRequest, with the line and what is wrong there.</exception>
    public static JsonNode DecodeWithLines(ReadOnlySpan<byte> utf8, out IReadOnlyList<string> duplicates) => Decode(utf8, lines: true, out duplicates);

    private static JsonNode Decode(ReadOnlySpan<byte> utf8, bool lines, out IReadOnlyList<string> duplicates)
    {
        try
        {
            using var text = new StringReader(StrictUtf8.GetString(utf8));
            var reading = new Reading(new YamlParser(text));
            var node = reading.ReadOnlyDocument();
            duplicates = lines ? reading.DuplicateLines : reading.Duplicates;
            return node ?? throw new ApiException(StatusReason.BadRequest, "the request body is empty");
        }
        catch (YamlException e)
        {
            throw new ApiException(new ApiStatus(StatusReason.BadRequest, $"yaml: line {e.Start.Line}: {e.Message}"), e);
        }
        catch (DecoderFallbackException e)
        {
            throw new ApiException(new ApiStatus(StatusReason.BadRequest, $"yaml: line {utf8[..e.Index].Count((byte)'\n') + 1}: invalid UTF-8"), e);
        }
    }

    /// <summary>Decodes every document of a text, as a file of manifests has them; null stands for an empty one.</summary>
    /// <exception cref="YamlException">The text is not YAML, or a key stands twice in a mapping.</exception>
    public static IReadOnlyList<JsonNode?> DecodeAll(string text)
    {
        using var source = new StringReader(text);
        var parser = new YamlParser(source);
        var reading = new Reading(parser);
        var documents = new List<JsonNode?>();
        parser.Consume<StreamStart>();
        while (reading.TryReadDocument(out var document))
        {
            if (reading.Duplicates is [var twice, ..])
            {
                throw new YamlException(reading.LastDuplicate, reading.LastDuplicate, $"key \"{twice}\" stands twice");
            }

            documents.Add(document);
        }

        return documents;
    }

    private sealed class Reading(IParser parser)
    {
        private readonly Dictionary<AnchorName, JsonNode?> _anchors = [];
        private readonly List<string> _duplicates = [];
        private readonly List<string> _duplicateLines = [];
        private readonly List<Step> _path = [];
        private int _nodes;
        private int _depth;

        public IReadOnlyList<string> Duplicates => _duplicates;

        public IReadOnlyList<string> DuplicateLines => _duplicateLines;

        public Mark LastDuplicate { get; private set; }

        public bool TryReadDocument(out JsonNode? node)
        {
            node = null;
            _anchors.Clear();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return false;
            }

            node = ReadNode();
            parser.Consume<DocumentEnd>();
            return true;
        }

        public JsonNode? ReadOnlyDocument()
        {
            parser.Consume<StreamStart>();
            if (!TryReadDocument(out var node))
            {
                return null;
            }

            if (parser.TryConsume<DocumentStart>(out var second))
            {
                throw new YamlException(second.Start, second.End, "a request body is one document, here begins another");
            }

            return node;
        }

        private JsonNode? ReadNode()
        {
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                return ReadAlias(alias);
            }

            var start = parser.Current!;
            Count(start);
            _depth++;
            if (start is not Scalar)
            {
                // As deep as JSON may be, where what a list holds is no deeper than the list.
                DemandDepth(_depth, start);
            }

            var node = start switch
            {
                MappingStart => ReadMapping(),
                SequenceStart => ReadSequence(),
                _ => ReadScalar(parser.Consume<Scalar>()),
            };
            _depth--;
            if (start is NodeEvent { Anchor.IsEmpty: false } anchored)
            {
                _anchors[anchored.Anchor] = node;
            }

            return node;
        }

        private JsonNode? ReadAlias(AnchorAlias alias)
        {
            if (!_anchors.TryGetValue(alias.Value, out var node))
            {
                throw new YamlException(alias.Start, alias.End, $"unknown anchor '{alias.Value}' referenced");
            }

            CountTree(node, alias, _depth + 1);
            return node?.DeepClone();
        }

        private JsonObject ReadMapping()
        {
            parser.Consume<MappingStart>();
            var obj = new JsonObject();
            List<JsonNode?>? merges = null;
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var start = parser.Current!.Start;
                var key = ReadKey(out var merge);
                if (merge)
                {
                    (merges ??= []).Add(ReadNode());
                    continue;
                }

                _path.Add(new Step(key, 0));
                var value = ReadNode();
                if (!obj.TryAdd(key, value))
                {
                    obj[key] = value;
                    AddDuplicate(key, start);
                }

                _path.RemoveAt(_path.Count - 1);
            }

            foreach (var merge in merges ?? [])
            {
                Merge(obj, merge);
            }

            return obj;
        }

        private void AddDuplicate(string key, Mark start)
        {
            LastDuplicate = start;
            if (_duplicates.Count == StrictDecoding.MostProblems)
            {
                return;
            }

            var path = new StringBuilder();
            foreach (var (name, index) in _path)
            {
                if (name is null)
                {
                    path.Append(CultureInfo.InvariantCulture, $"[{index}]");
                }
                else
                {
                    path.Append(path.Length > 0 ? "." : "").Append(name);
                }
            }

            _duplicates.Add(StrictDecoding.Shown(path.ToString()));
            _duplicateLines.Add($"line {start.Line}: key \"{StrictDecoding.Shown(key)}\" already set in map");
        }

        // What a mapping says itself outranks what it merges in.
        private static void Merge(JsonObject obj, JsonNode? source)
        {
            if (source is JsonArray sources)
            {
                foreach (var one in sources)
                {
                    Merge(obj, one);
                }
            }
            else if (source is JsonObject members)
            {
                foreach (var (name, value) in members)
                {
                    obj.TryAdd(name, value?.DeepClone());
                }
            }
        }

        private string ReadKey(out bool merge)
        {
            if (parser.Current is not Scalar)
            {
                throw new YamlException(parser.Current!.Start, parser.Current.End, "a key must be a plain value");
            }

            var scalar = parser.Consume<Scalar>();
            merge = scalar is { Value: "<<", Style: ScalarStyle.Plain };
            if (scalar.Style != ScalarStyle.Plain || merge)
            {
                return scalar.Value;
            }

            return ReadScalar(scalar) switch
            {
                null => "null",
                JsonValue value when value.TryGetValue<string>(out var text) => text,
                JsonValue value when value.TryGetValue<double>(out var number) => number.ToString("R", CultureInfo.InvariantCulture),
                var other => other.ToJsonString(),
            };
        }

        private JsonArray ReadSequence()
        {
            parser.Consume<SequenceStart>();
            var array = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                _path.Add(new Step(null, array.Count));
                array.Add(ReadNode());
                _path.RemoveAt(_path.Count - 1);
            }

            return array;
        }

        private static JsonNode? ReadScalar(Scalar scalar)
        {
            var tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? "" : scalar.Tag.Value;
            if (tag == "tag:yaml.org,2002:str" || (tag.Length == 0 && scalar.Style != ScalarStyle.Plain))
            {
                return JsonValue.Create(scalar.Value);
            }

            try
            {
                return YamlScalar.Resolve(scalar.Value);
            }
            catch (FormatException e)
            {
                throw new YamlException(scalar.Start, scalar.End, e.Message, e);
            }
        }

        private void CountTree(JsonNode? node, ParsingEvent at, int depth)
        {
            Count(at);
            if (node is JsonObject or JsonArray)
            {
                DemandDepth(depth, at);
            }

            switch (node)
            {
                case JsonObject obj:
                    foreach (var (_, value) in obj)
                    {
                        CountTree(value, at, depth + 1);
                    }

                    break;
                case JsonArray array:
                    foreach (var value in array)
                    {
                        CountTree(value, at, depth + 1);
                    }

                    break;
            }
        }

        private static void DemandDepth(int depth, ParsingEvent at)
        {
            if (depth > JsonDecoder.DeepestNesting)
            {
                throw new YamlException(at.Start, at.End, "nested too deep");
            }
        }

        private void Count(ParsingEvent at)
        {
            if (++_nodes > MostNodes)
            {
                throw new YamlException(at.Start, at.End, "document contains excessive aliasing");
            }
        }

        // A key, or the place in a list; paths are made of them only for those who are told.
        private readonly record struct Step(string? Key, int Index);
    }
}
