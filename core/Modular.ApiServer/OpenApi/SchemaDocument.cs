using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Describes schemas as OpenAPI v3 does: named ones once, as components that the others refer to.</summary>
internal sealed class SchemaDocument
{
    public const string QuantityName = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    public const string IntOrStringName = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The components so far, by name.</summary>
    public JsonObject Components { get; } = [];

    /// <summary>Refers to a component.</summary>
    public static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    /// <summary>Adds a component; whoever asked first has described it.</summary>
    public void Add(string name, Func<JsonObject> describe)
    {
        // The name is taken first: schemas may refer to themselves.
        if (_names.Add(name))
        {
            Components[name] = describe();
        }
    }

    /// <summary>Adds a kind's schema as a component and says which kinds it is.</summary>
    public void AddKind(string name, Schema schema, params IEnumerable<GroupVersionKind> kinds)
    {
        Add(name, () => Describe(schema));
        Components[name]!["x-kubernetes-group-version-kind"] = new JsonArray([.. kinds.Select(Kind)]);
    }

    /// <summary>A group, version and kind.</summary>
    public static JsonObject Kind(GroupVersionKind kind) => new()
    {
        ["group"] = kind.Group,
        ["kind"] = kind.Kind,
        ["version"] = kind.Version,
    };

    /// <summary>The schema where it is used: a reference if it has a name.</summary>
    public JsonObject Use(Schema schema)
    {
        var name = NameOf(schema);
        if (name.Length == 0)
        {
            return Describe(schema);
        }

        Add(name, () => Describe(schema));
        var use = new JsonObject();
        if (schema.Description.Length > 0)
        {
            use["description"] = schema.Description;
        }

        if (schema.Default is not null)
        {
            use["default"] = schema.Default.DeepClone();
        }

        // OpenAPI 3.0 forbids other members beside $ref.
        if (use.Count == 0)
        {
            return Reference(name);
        }

        use["allOf"] = new JsonArray(Reference(name));
        return use;
    }

    private static string NameOf(Schema schema) => schema switch
    {
        { Name.Length: > 0 } => schema.Name,
        { Type: SchemaType.Quantity } => QuantityName,
        { Type: SchemaType.IntOrString } => IntOrStringName,
        _ => "",
    };

    private JsonObject Describe(Schema schema)
    {
        var document = new JsonObject();
        if (schema.Description.Length > 0)
        {
            document["description"] = schema.Description;
        }

        DescribeType(schema, document);
        if (schema.Default is not null)
        {
            document["default"] = schema.Default.DeepClone();
        }

        if (schema.Enum.Count > 0)
        {
            document["enum"] = PlainDiscovery.Strings(schema.Enum);
        }

        if (schema.Nullable)
        {
            document["nullable"] = true;
        }

        return document;
    }

    private void DescribeType(Schema schema, JsonObject document)
    {
        switch (schema.Type)
        {
            case SchemaType.Object:
                DescribeObject(schema, document);
                break;
            case SchemaType.Array:
                DescribeArray(schema, document);
                break;
            case SchemaType.Quantity:
                document["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "number" });
                break;
            case SchemaType.IntOrString:
                document["format"] = "int-or-string";
                document["oneOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
                break;
            case SchemaType.Any:
                document["x-kubernetes-preserve-unknown-fields"] = true;
                break;
            default:
                document["type"] = schema.Type.ToString().ToLowerInvariant();
                if (schema.Format.Length > 0)
                {
                    // Clients know both kinds of time by one name.
                    document["format"] = schema.Format == "micro-time" ? "date-time" : schema.Format;
                }

                break;
        }
    }

    private void DescribeObject(Schema schema, JsonObject document)
    {
        document["type"] = "object";
        if (schema.Properties.Count > 0)
        {
            var properties = new JsonObject();
            foreach (var (name, property) in schema.Properties)
            {
                properties[name] = Use(property);
            }

            document["properties"] = properties;
        }

        if (schema.Required.Count > 0)
        {
            document["required"] = PlainDiscovery.Strings(schema.Required);
        }

        if (schema.AdditionalProperties is { } values)
        {
            document["additionalProperties"] = Use(values);
        }

        if (schema.PreserveUnknownFields)
        {
            document["x-kubernetes-preserve-unknown-fields"] = true;
        }

        if (schema.AtomicMap)
        {
            document["x-kubernetes-map-type"] = "atomic";
        }

        DescribeMerging(schema, document);
    }

    private void DescribeArray(Schema schema, JsonObject document)
    {
        document["type"] = "array";
        document["items"] = schema.Items is { } items ? Use(items) : new JsonObject();
        document["x-kubernetes-list-type"] = schema.ListKind.ToString().ToLowerInvariant();
        if (schema.ListMapKeys.Count > 0)
        {
            document["x-kubernetes-list-map-keys"] = PlainDiscovery.Strings(schema.ListMapKeys);
        }

        if (schema.PatchMergeKey.Length > 0)
        {
            document["x-kubernetes-patch-merge-key"] = schema.PatchMergeKey;
        }

        DescribeMerging(schema, document);
    }

    private static void DescribeMerging(Schema schema, JsonObject document)
    {
        var strategy = (schema.PatchMerge, schema.PatchRetainKeys) switch
        {
            (true, true) => "merge,retainKeys",
            (true, false) => "merge",
            (false, true) => "retainKeys",
            _ => "",
        };
        if (strategy.Length > 0)
        {
            document["x-kubernetes-patch-strategy"] = strategy;
        }
    }
}
