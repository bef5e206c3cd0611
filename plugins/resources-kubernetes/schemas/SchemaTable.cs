using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Schemas;

/// <summary>Builds schemas out of the table of types and its overlay, each type once and only when it is asked for.</summary>
internal sealed class SchemaTable
{
    private readonly Dictionary<string, (TableLine Head, List<TableLine> Fields)> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TableLine> _overlay = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TableLine> _presence = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Schema> _built = new(StringComparer.Ordinal);

    /// <summary>Reads the texts.</summary>
    /// <param name="types">The types and their fields.</param>
    /// <param name="overlay">Corrections of fields.</param>
    /// <param name="presence">Of each type, the fields whose zero is a value.</param>
    public SchemaTable(string types, string overlay, string presence)
    {
        List<TableLine> fields = [];
        foreach (var (indented, line) in TableLine.Read(types))
        {
            if (indented)
            {
                fields.Add(line);
                continue;
            }

            fields = [];
            _types.Add(line[1], (line, fields));
            foreach (var kind in line.Values("gvk"))
            {
                _kinds.TryAdd(kind, line[1]);
            }
        }

        foreach (var (_, line) in TableLine.Read(overlay))
        {
            _overlay.Add(line[0], line);
        }

        foreach (var (_, line) in TableLine.Read(presence))
        {
            _presence.Add(line[0], line);
        }
    }

    /// <summary>The names of all types.</summary>
    public IEnumerable<string> Types => _types.Keys;

    /// <summary>What the overlay corrects: TYPE.FIELD, or TYPE.* for all fields of a type.</summary>
    public IEnumerable<string> Corrections => _overlay.Keys;

    /// <summary>Whether the table has a type for a kind.</summary>
    public bool Knows(GroupVersionKind kind) => _kinds.ContainsKey($"{kind.ApiVersion}/{kind.Kind}");

    /// <summary>The schema of a kind.</summary>
    public Schema OfKind(GroupVersionKind kind) =>
        _kinds.TryGetValue($"{kind.ApiVersion}/{kind.Kind}", out var type)
            ? OfType(type)
            : throw new InvalidOperationException($"the table has no type for {kind}");

    /// <summary>The schema of a type by its name in the table.</summary>
    public Schema OfType(string name)
    {
        if (_built.TryGetValue(name, out var schema))
        {
            return schema;
        }

        if (!_types.TryGetValue(name, out var type))
        {
            throw new InvalidOperationException($"the table has no type {name}");
        }

        if (type.Head.Value("is") is { } scalar)
        {
            return _built[name] = Special(name, scalar);
        }

        var required = new List<string>();
        foreach (var field in type.Fields)
        {
            if (field.Has("required"))
            {
                required.Add(field[0]);
            }
        }

        // Entered before its fields are built: a type may contain itself.
        schema = new Schema { Type = SchemaType.Object, Name = FullName(name), Required = required, AtomicMap = type.Head.Value("map") == "atomic" };
        _built[name] = schema;
        var places = new FieldPlaces(name, type.Fields, LinesOf);
        foreach (var field in type.Fields)
        {
            if (field[0] != "inline")
            {
                schema.Properties.Add(field[0], Field(name, field, places.Of(field[0])));
            }
        }

        return schema;
    }

    /// <summary>The name a type has in the API's own documents.</summary>
    public static string FullName(string name) => name.StartsWith("machinery.", StringComparison.Ordinal)
        ? "io.k8s.apimachinery.pkg." + name["machinery.".Length..]
        : name.StartsWith("io.k8s.", StringComparison.Ordinal) ? name : "io.k8s.api." + name;

    private List<TableLine> LinesOf(string type) => _types.TryGetValue(type, out var found) ? found.Fields : [];

    private Schema Field(string type, TableLine line, IReadOnlyList<int> place)
    {
        var corrected = _overlay.TryGetValue($"{type}.{line[0]}", out var overlay);
        var plain = Parse(line[1]);
        var list = line.Value("list") ?? "atomic";
        var keys = list.StartsWith("map(", StringComparison.Ordinal) ? list[4..^1].Split(',') : [];
        var merge = line.Values("merge");
        return new Schema
        {
            Type = plain.Type,
            Format = plain.Format,
            Name = plain.Name,
            Properties = plain.Properties,
            Required = plain.Required,
            AdditionalProperties = plain.AdditionalProperties,
            Items = plain.Items,
            PreserveUnknownFields = plain.PreserveUnknownFields,
            Default = corrected && overlay.Value("default") is { } known ? JsonNode.Parse(known) : Default(type, line),
            Enum = corrected ? overlay.Values("enum") : [],
            ListKind = keys.Length > 0 ? ListKind.Map : list == "set" ? ListKind.Set : ListKind.Atomic,
            ListMapKeys = keys,
            PatchMergeKey = line.Value("mergeKey") ?? "",
            PatchMerge = merge.Contains("merge"),
            PatchRetainKeys = merge.Contains("retainKeys"),
            AtomicMap = plain.AtomicMap || line.Value("map") == "atomic",
            AllowDuplicates = corrected && overlay.Has("duplicates"),
            Immutable = corrected && overlay.Has("immutable"),
            FieldPath = place,
            ExplicitPresence = _presence.TryGetValue(type, out var present) && present.Has(line[0]),
            Alternatives = plain.Alternatives,
        };
    }

    // The facts give every plain field its zero value as a default. An absent name is not an empty one, so those are no defaults here but
    // where the overlay says that nobody asks for the field.
    private JsonNode? Default(string type, TableLine line)
    {
        var text = line.Value("default");
        var isZero = text is "0" or "false" or "\"\"";
        return text is null || (isZero && !(line.Has("required") && HasZeros(type))) ? null : JsonNode.Parse(text);
    }

    private bool HasZeros(string type) => _overlay.TryGetValue($"{type}.*", out var overlay) && overlay.Has("zeros");

    private Schema Parse(string type)
    {
        if (type.StartsWith("list<", StringComparison.Ordinal))
        {
            return new Schema { Type = SchemaType.Array, Items = Parse(type[5..^1]) };
        }

        if (type.StartsWith("map<", StringComparison.Ordinal))
        {
            return new Schema { Type = SchemaType.Object, AdditionalProperties = Parse(type[4..^1]) };
        }

        return type switch
        {
            "string" => new Schema { Type = SchemaType.String },
            "string:byte" => new Schema { Type = SchemaType.String, Format = "byte" },
            "boolean" => new Schema { Type = SchemaType.Boolean },
            "integer:int32" => new Schema { Type = SchemaType.Integer, Format = "int32" },
            "integer:int64" => new Schema { Type = SchemaType.Integer, Format = "int64" },
            "number:double" => new Schema { Type = SchemaType.Number },
            _ => OfType(type),
        };
    }

    private Schema Special(string name, string scalar)
    {
        var type = scalar switch
        {
            "oneOf:integer|string" => SchemaType.IntOrString,
            "oneOf:string|number" => SchemaType.Quantity,
            "string:date-time" => SchemaType.String,
            // Only these two hold what a client likes; another object without fields is empty.
            "object" => name.EndsWith(".RawExtension", StringComparison.Ordinal) || name.EndsWith(".FieldsV1", StringComparison.Ordinal) ? SchemaType.Any : SchemaType.Object,
            "any" => SchemaType.Any,
            _ => throw new InvalidOperationException($"type {name}: {scalar} is not known"),
        };
        var format = type != SchemaType.String ? "" : name.EndsWith("MicroTime", StringComparison.Ordinal) ? "micro-time" : "date-time";
        return new Schema
        {
            Type = type,
            Format = format,
            Name = FullName(name),
            PreserveUnknownFields = type == SchemaType.Any,
            Alternatives = Alternatives(name),
        };
    }

    /// <summary>What the message of a type holds that is a schema or something else.</summary>
    private IReadOnlyList<Schema> Alternatives(string name)
    {
        var or = name.IndexOf("JSONSchemaPropsOr", StringComparison.Ordinal);
        if (or < 0)
        {
            return [];
        }

        var props = name[..or] + "JSONSchemaProps";
        return name[(or + "JSONSchemaPropsOr".Length)..] switch
        {
            "Array" => [At(1, props), At(2, $"list<{props}>")],
            "Bool" => [At(1, "boolean"), At(2, props)],
            "StringArray" => [At(1, props), At(2, "list<string>")],
            _ => throw new InvalidOperationException($"type {name} is not known"),
        };
    }

    private Schema At(int number, string type)
    {
        var plain = Parse(type);
        return new Schema
        {
            Type = plain.Type,
            Name = plain.Name,
            Properties = plain.Properties,
            Required = plain.Required,
            Items = plain.Items,
            FieldPath = [number],
        };
    }
}
