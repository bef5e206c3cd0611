using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

/// <summary>The facts about Kubernetes' API beside the repository, as schemas. Tests that need them are skipped where there are none.</summary>
internal sealed class KubernetesFacts
{
    private readonly JsonObject _types;
    private readonly Dictionary<string, Schema> _schemas = new(StringComparer.Ordinal);

    private KubernetesFacts(string directory)
    {
        Directory = directory;
        _types = SchemaFixture.Parse(File.ReadAllText(Path.Combine(directory, "facts.json"))).GetObject("types")!;
    }

    public string Directory { get; }

    public static KubernetesFacts? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var directory = Path.Combine(at.FullName, "shared", "data", "kubernetes-1.36");
            if (File.Exists(Path.Combine(directory, "facts.json")))
            {
                return new KubernetesFacts(directory);
            }
        }

        return null;
    }

    /// <summary>The schema of a kind; null if the facts do not tell its fields.</summary>
    public Schema? SchemaOf(GroupVersionKind kind)
    {
        var group = kind.Group.Length == 0 ? "core" : kind.Group.Split('.')[0];
        var name = $"io.k8s.api.{group}.{kind.Version}.{kind.Kind}";
        return _types[name]?["fields"] is null ? null : Named(name);
    }

    private Schema Named(string name)
    {
        if (_schemas.TryGetValue(name, out var schema))
        {
            return schema;
        }

        // Known before its fields are: types contain themselves.
        var fields = _types[name]?["fields"] as JsonObject;
        schema = fields is null ? Scalar(name) : new Schema { Type = SchemaType.Object, Name = name };
        _schemas[name] = schema;
        foreach (var (field, facts) in fields ?? [])
        {
            schema.Properties[field] = Field((JsonObject)facts!);
        }

        return schema;
    }

    private Schema Field(JsonObject facts)
    {
        var type = facts["t"].AsString()!;
        return type.StartsWith("list<", StringComparison.Ordinal)
            ? new Schema
            {
                Type = SchemaType.Array,
                Items = OfType(type[5..^1]),
                ListKind = facts["lt"].AsString() switch { "map" => ListKind.Map, "set" => ListKind.Set, _ => ListKind.Atomic },
                ListMapKeys = facts["lk"] is JsonArray keys ? [.. keys.Select(key => key.AsString()!)] : [],
                PatchMerge = facts["ms"].AsString()?.Contains("merge", StringComparison.Ordinal) == true,
                PatchMergeKey = facts["mk"].AsString() ?? "",
            }
            : OfType(type);
    }

    private Schema OfType(string type)
    {
        if (type.StartsWith("ref:", StringComparison.Ordinal))
        {
            return Named(type[4..]);
        }

        if (type.StartsWith("list<", StringComparison.Ordinal))
        {
            return new Schema { Type = SchemaType.Array, Items = OfType(type[5..^1]) };
        }

        if (type.StartsWith("map<", StringComparison.Ordinal))
        {
            return new Schema { Type = SchemaType.Object, AdditionalProperties = OfType(type[4..^1]) };
        }

        var format = type.IndexOf(':');
        return new Schema
        {
            Type = (format < 0 ? type : type[..format]) switch
            {
                "string" => SchemaType.String,
                "integer" => SchemaType.Integer,
                "number" => SchemaType.Number,
                "boolean" => SchemaType.Boolean,
                _ => SchemaType.Any,
            },
            Format = format < 0 ? "" : type[(format + 1)..],
        };
    }

    private static Schema Scalar(string name) => name[(name.LastIndexOf('.') + 1)..] switch
    {
        "Quantity" => new Schema { Type = SchemaType.Quantity },
        "IntOrString" => new Schema { Type = SchemaType.IntOrString },
        "Time" => new Schema { Type = SchemaType.String, Format = "date-time" },
        "MicroTime" => new Schema { Type = SchemaType.String, Format = "micro-time" },
        _ => new Schema { Type = SchemaType.Any },
    };
}
