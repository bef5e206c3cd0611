using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.Collections;
using Modular.ApiMachinery;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>
/// Makes schemas of what a process told, which may be anything: whoever walks them must come to an end. Belongs to one description.
/// </summary>
internal sealed class SchemaReader
{
    /// <summary>How many schemas may be inside one another, from a kind to the last field.</summary>
    public const int Deepest = 200;

    // A schema without a name is described wherever it is used, so that a few could unfold into any number.
    private const int MostUses = 1_000_000;

    // Protobuf's own limit; Kubernetes has two messages inside one another at most.
    private const int HighestNumber = (1 << 29) - 1;
    private const int LongestPath = 8;

    private static readonly JsonDocumentOptions DefaultOptions = new() { MaxDepth = 64 };

    private readonly IReadOnlyList<Protocol.Schema> _messages;
    private readonly Schema?[] _schemas;
    private int _uses;

    /// <exception cref="FormatException">They are no schemas.</exception>
    public SchemaReader(IReadOnlyList<Protocol.Schema> messages)
    {
        _messages = messages;
        _schemas = new Schema?[messages.Count];
        for (var place = 0u; place < _schemas.Length; place++)
        {
            Make(place, 0);
        }

        for (var place = 0; place < _schemas.Length; place++)
        {
            foreach (var property in messages[place].Properties)
            {
                if (!_schemas[place]!.Properties.TryAdd(property.Name, At(property.Schema)))
                {
                    throw new FormatException($"schema {place} has property {property.Name} twice");
                }
            }

            // As properties, they may lead around.
            for (var i = 0; i < messages[place].Alternatives.Count; i++)
            {
                ((Schema[])_schemas[place]!.Alternatives)[i] = At(messages[place].Alternatives[i]);
            }
        }
    }

    /// <summary>A schema that a kind names.</summary>
    /// <exception cref="FormatException">There is none, or it has no end.</exception>
    public Schema Use(uint place)
    {
        var schema = At(place);
        Walk(schema, 0, [], []);
        return schema;
    }

    private Schema At(uint place) => place < _schemas.Length ? _schemas[place]! : throw new FormatException($"there is no schema {place}");

    private Schema Make(uint place, int depth)
    {
        if (place >= _schemas.Length)
        {
            throw new FormatException($"there is no schema {place}");
        }

        if (_schemas[place] is { } made)
        {
            return made;
        }

        if (depth > Deepest)
        {
            throw new FormatException($"schema {place} is an entry or value of itself, or too many are inside one another");
        }

        var message = _messages[(int)place];
        return _schemas[place] = new Schema
        {
            Type = Known((SchemaType)message.Type),
            Format = message.Format,
            Name = message.Name,
            Description = message.Description,
            Required = [.. message.Required],
            AdditionalProperties = message.HasAdditionalProperties ? Make(message.AdditionalProperties, depth + 1) : null,
            Items = message.HasItems ? Make(message.Items, depth + 1) : null,
            Default = ReadDefault(message.Default, place),
            Enum = [.. message.Enum],
            ListKind = Known((ListKind)message.ListKind),
            ListMapKeys = [.. message.ListMapKeys],
            PatchMergeKey = message.PatchMergeKey,
            PatchMerge = message.PatchMerge,
            PatchRetainKeys = message.PatchRetainKeys,
            PreserveUnknownFields = message.PreserveUnknownFields,
            Immutable = message.Immutable,
            Nullable = message.Nullable,
            AllowDuplicates = message.AllowDuplicates,
            FieldPath = ReadPath(message.FieldPath, place),
            ExplicitPresence = message.ExplicitPresence,
            Alternatives = message.Alternatives.Count == 0 ? [] : new Schema[message.Alternatives.Count],
            AtomicMap = message.AtomicMap,
        };
    }

    private static IReadOnlyList<int> ReadPath(RepeatedField<uint> path, uint place)
    {
        if (path.Count > LongestPath || path.Any(number => number is 0 or > HighestNumber))
        {
            throw new FormatException($"schema {place} has no place in protobuf: at most {LongestPath} numbers, from 1 to {HighestNumber}");
        }

        return [.. path.Select(number => (int)number)];
    }

    private static T Known<T>(T value)
        where T : struct, Enum => Enum.IsDefined(value) ? value : throw new FormatException($"{value} is no {typeof(T).Name}");

    private static JsonNode? ReadDefault(string json, uint place)
    {
        try
        {
            return json.Length == 0 ? null : JsonNode.Parse(json, documentOptions: DefaultOptions);
        }
        catch (JsonException e)
        {
            throw new FormatException($"the default of schema {place} is no JSON: {e.Message}", e);
        }
    }

    /// <summary>Goes the way of whoever describes a schema: into those without a name at each use, into the others once.</summary>
    private void Walk(Schema schema, int depth, HashSet<string> named, HashSet<Schema> around)
    {
        if (++_uses > MostUses || depth > Deepest)
        {
            throw new FormatException($"more than {(depth > Deepest ? Deepest : MostUses)} schemas are inside one another");
        }

        if (schema.Name.Length > 0)
        {
            if (!named.Add(schema.Name))
            {
                return;
            }

            // It is described once, so that what leads around through it ends there.
            around = [];
        }

        if (!around.Add(schema))
        {
            throw new FormatException("a schema without a name is inside itself");
        }

        foreach (var property in schema.Properties.Values)
        {
            Walk(property, depth + 1, named, around);
        }

        if (schema.AdditionalProperties is { } values)
        {
            Walk(values, depth + 1, named, around);
        }

        if (schema.Items is { } items)
        {
            Walk(items, depth + 1, named, around);
        }

        around.Remove(schema);
    }
}
