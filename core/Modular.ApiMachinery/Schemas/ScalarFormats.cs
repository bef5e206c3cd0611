using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Whether a scalar is what a schema's type and format demand.</summary>
internal static class ScalarFormats
{
    /// <summary>True if the JSON type is right; says nothing about the format.</summary>
    public static bool HasType(JsonNode node, Schema schema)
    {
        var kind = node.GetValueKind();
        return schema.Type switch
        {
            SchemaType.Object => kind == JsonValueKind.Object,
            SchemaType.Array => kind == JsonValueKind.Array,
            SchemaType.String => kind == JsonValueKind.String,
            SchemaType.Integer => kind == JsonValueKind.Number && node.AsInt64() is not null,
            SchemaType.Number => kind == JsonValueKind.Number,
            SchemaType.Boolean => kind is JsonValueKind.True or JsonValueKind.False,
            SchemaType.IntOrString => kind == JsonValueKind.String || (kind == JsonValueKind.Number && node.AsInt64() is not null),
            SchemaType.Quantity => kind is JsonValueKind.String or JsonValueKind.Number,
            _ => true,
        };
    }

    /// <summary>True if a scalar of the right type also has the right format.</summary>
    public static bool HasFormat(JsonNode node, Schema schema) => (schema.Type, schema.Format) switch
    {
        (SchemaType.Integer, "int32") => FitsInt32(node),
        (SchemaType.Number, _) => IsFinite(node),
        (SchemaType.IntOrString, _) => node.GetValueKind() == JsonValueKind.String || FitsInt32(node),
        (SchemaType.String, "byte") => IsBase64(node.AsString()!),
        (SchemaType.String, "date-time" or "micro-time") => KubernetesTime.TryParse(node.AsString()!, out _),
        (SchemaType.Quantity, _) => Quantity.TryParse(TextOf(node), out _),
        _ => true,
    };

    /// <summary>A scalar's text: a string's content, a number's digits.</summary>
    public static string TextOf(JsonNode node) => node.AsString() ?? node.ToJsonString();

    /// <summary>What is wrong with a quantity; empty if nothing is.</summary>
    public static string QuantityProblem(JsonNode node) => Quantity.TryParse(TextOf(node), out _, out var problem) ? "" : problem;

    /// <summary>Whether a number is one that a float can be.</summary>
    public static bool IsFinite(JsonNode node) =>
        double.TryParse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);

    private static bool FitsInt32(JsonNode node) => node.AsInt64() is >= int.MinValue and <= int.MaxValue;

    private static bool IsBase64(string text) => System.Buffers.Text.Base64.IsValid(text.AsSpan());
}
