using System.Text.Json.Nodes;

namespace Modular.ApiServer;

/// <summary>Describes schemas as OpenAPI does: named ones once, as components that the others refer to.</summary>
/// <param name="form">The version of OpenAPI.</param>
/// <param name="descriptions">What is said of schemas that do not say it themselves: by their names, and of fields as NAME.FIELD.</param>
internal sealed class SchemaDocument(OpenApiForm form, IReadOnlyDictionary<string, string> descriptions)
{
    public const string QuantityName = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    public const string IntOrStringName = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The components so far, by name.</summary>
    public JsonObject Components { get; } = [];

    /// <summary>The version of OpenAPI.</summary>
    public OpenApiForm Form => form;

    /// <summary>Refers to a component.</summary>
    public JsonObject Reference(string name) => form.Reference(name);

    /// <summary>Adds a component; whoever asked first has described it.</summary>
    public void Add(string name, Func<JsonObject> describe)
    {
        // The name is taken first: schemas may refer to themselves.
        if (_names.Add(name))
        {
            Components[name] = describe();
        }
    }

    /// <summary>Adds a kind's schema as a component and says which kind it is, beside others that share it.</summary>
    public void AddKind(string name, Schema schema, GroupVersionKind kind)
    {
        Add(name, () => Describe(schema, descriptions.GetValueOrDefault(name, "")));
        var (component, described) = (Components[name]!.AsObject(), Kind(kind));
        if (component["x-kubernetes-group-version-kind"] is not JsonArray kinds)
        {
            component["x-kubernetes-group-version-kind"] = kinds = [];
        }

        if (!kinds.Any(other => JsonNode.DeepEquals(other, described)))
        {
            kinds.Add((JsonNode)described);
        }
    }

    /// <summary>A group, version and kind.</summary>
    public static JsonObject Kind(GroupVersionKind kind) => new()
    {
        ["group"] = kind.Group,
        ["kind"] = kind.Kind,
        ["version"] = kind.Version,
    };

    /// <summary>The schema where it is used: a reference if it has a name.</summary>
    private JsonObject Use(Schema schema, string description = "")
    {
        var name = NameOf(schema);
        if (name.Length == 0)
        {
            return Describe(schema, description);
        }

        Add(name, () => Describe(schema, descriptions.GetValueOrDefault(name, "")));
        var beside = new JsonObject();
        AddText(beside, schema, description);
        if (schema.Default is not null)
        {
            beside["default"] = schema.Default.DeepClone();
        }

        return beside.Count == 0 ? form.Reference(name) : form.Reference(name, beside);
    }

    private static string NameOf(Schema schema) => schema switch
    {
        { Name.Length: > 0 } => schema.Name,
        { Type: SchemaType.Quantity } => QuantityName,
        { Type: SchemaType.IntOrString } => IntOrStringName,
        _ => "",
    };

    private static void AddText(JsonObject document, Schema schema, string description)
    {
        var text = schema.Description.Length > 0 ? schema.Description : description;
        if (text.Length > 0)
        {
            document["description"] = text;
        }
    }

    private JsonObject Describe(Schema schema, string description)
    {
        var document = new JsonObject();
        AddText(document, schema, description);
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
            form.DescribeNullable(document);
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
                form.DescribeQuantity(document);
                break;
            case SchemaType.IntOrString:
                form.DescribeIntOrString(document);
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
                properties[name] = Use(property, descriptions.GetValueOrDefault($"{schema.Name}.{name}", ""));
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
