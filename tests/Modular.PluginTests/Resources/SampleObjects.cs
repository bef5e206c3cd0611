using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.PluginTests;

/// <summary>Objects of a kind, made of nothing but its schema: right by it, and as odd as it allows.</summary>
internal static class SampleObjects
{
    // Deep enough for a container's probe in a template.
    private const int Deepest = 9;

    /// <summary>Objects as the pipeline has them before it asks the kind's rules.</summary>
    public static IEnumerable<JsonObject> Of(ResourceDefinition kind)
    {
        yield return Complete([], kind);
        foreach (var odd in new[] { false, true })
        {
            yield return Complete((JsonObject)Value(kind.Schema, odd, 0), kind);
        }
    }

    /// <summary>An object with what the pipeline gives every one of its kind.</summary>
    public static JsonObject Complete(JsonObject obj, ResourceDefinition kind)
    {
        obj["apiVersion"] = kind.Kind.ApiVersion;
        obj["kind"] = kind.Kind.Kind;
        obj["metadata"] = new JsonObject
        {
            ["name"] = "sample",
            ["uid"] = "11111111-2222-3333-4444-555555555555",
            ["creationTimestamp"] = "2030-01-02T03:04:05Z",
            ["labels"] = new JsonObject { ["a"] = "b" },
        };
        if (kind.Namespaced)
        {
            obj["metadata"]!["namespace"] = "default";
        }

        SchemaDecoder.Decode(obj, kind.Schema, kind.Kind, null);
        return obj;
    }

    private static JsonNode Value(Schema schema, bool odd, int depth) => schema switch
    {
        { Enum.Count: > 0 } => odd ? "Odd" : schema.Enum[0],
        { Type: SchemaType.Object } => Object(schema, odd, depth),
        { Type: SchemaType.Array, Items: { } items } => depth >= Deepest ? [] : odd ? [Value(items, odd, depth + 1), Value(items, odd, depth + 1)] : new JsonArray(Value(items, odd, depth + 1)),
        { Type: SchemaType.Array } => new JsonArray(),
        { Type: SchemaType.Integer } => odd ? -1 : 1,
        { Type: SchemaType.Number } => odd ? -1.5 : 1,
        { Type: SchemaType.Boolean } => !odd,
        { Type: SchemaType.IntOrString } => odd ? "Odd one" : 1,
        { Type: SchemaType.Quantity } => odd ? "-1" : "1",
        { Format: "byte" } => odd ? "" : "YQ==",
        { Format: "date-time" or "micro-time" } => odd ? "0001-01-01T00:00:00Z" : "2030-01-02T03:04:05Z",
        { Type: SchemaType.Any } => odd ? new JsonArray() : new JsonObject(),
        _ => odd ? "" : "a",
    };

    private static JsonObject Object(Schema schema, bool odd, int depth)
    {
        var obj = new JsonObject();
        if (depth >= Deepest)
        {
            return obj;
        }

        foreach (var (name, property) in schema.Properties)
        {
            obj[name] = Value(property, odd, depth + 1);
        }

        if (schema.AdditionalProperties is { } values)
        {
            obj[odd ? "" : "a"] = Value(values, odd, depth + 1);
        }

        return obj;
    }
}
