using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>
/// Brings values into the one form that is stored: null means absent, quantities are canonical, times are UTC. Values that are wrong stay
/// as they are; validation reports them.
/// </summary>
public static class SchemaNormalizer
{
    /// <summary>Normalises in place.</summary>
    public static void Normalize(JsonObject obj, Schema schema)
    {
        for (var i = 0; i < obj.Count; i++)
        {
            var (name, value) = obj.GetAt(i);
            if (schema.Member(name) is not { } member)
            {
                continue;
            }

            if (value is null)
            {
                if (member.Nullable || member.Type == SchemaType.Any)
                {
                    continue;
                }

                if (schema.Properties.ContainsKey(name))
                {
                    obj.RemoveAt(i);
                    i--;
                }
                else if (EmptyMapValue(member) is { } empty)
                {
                    obj.SetAt(i, empty);
                }
            }
            else if (NormalizeNode(value, member) is { } changed)
            {
                obj.SetAt(i, changed);
            }
        }
    }

    /// <summary>The value to put in place of this one; null to leave it.</summary>
    private static JsonValue? NormalizeNode(JsonNode node, Schema schema)
    {
        switch (schema.Type)
        {
            case SchemaType.Object when node is JsonObject obj:
                Normalize(obj, schema);
                return null;
            case SchemaType.Array when schema.Items is { } items && node is JsonArray array:
                for (var i = 0; i < array.Count; i++)
                {
                    if (array[i] is { } entry && NormalizeNode(entry, items) is { } changed)
                    {
                        array[i] = changed;
                    }
                }

                return null;
            case SchemaType.Quantity when node is JsonValue:
                return NormalizeQuantity(node);
            case SchemaType.String when schema.Format is "date-time" or "micro-time" && node.AsString() is { } text:
                return NormalizeTime(text, micro: schema.Format == "micro-time");
            default:
                return null;
        }
    }

    // A map keeps its key even if the value is null: labels: {a: } is the label a without text.
    private static JsonValue? EmptyMapValue(Schema values) => values.Type switch
    {
        SchemaType.String when values.Format.Length == 0 => JsonValue.Create(""),
        SchemaType.Quantity => JsonValue.Create("0"),
        _ => null,
    };

    private static JsonValue? NormalizeQuantity(JsonNode node)
    {
        var text = ScalarFormats.TextOf(node);
        if (!Quantity.TryParse(text, out var quantity))
        {
            return null;
        }

        var canonical = quantity.ToString();
        return canonical == text && node.AsString() is not null ? null : JsonValue.Create(canonical);
    }

    private static JsonValue? NormalizeTime(string text, bool micro)
    {
        var isCanonical = text.EndsWith('Z') && text.Length == (micro ? 27 : 20);
        if (isCanonical || !KubernetesTime.TryParse(text, out var time))
        {
            return null;
        }

        return JsonValue.Create(micro ? KubernetesTime.FormatMicro(time) : KubernetesTime.Format(time));
    }
}
