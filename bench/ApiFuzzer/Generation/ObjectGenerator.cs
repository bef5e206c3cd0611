using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>Makes objects by their schemas: mostly of the right types, so that they get past decoding and meet the rules behind it.</summary>
internal static class ObjectGenerator
{
    private const int Deepest = 8;

    /// <summary>Adds fields that the schema knows to an object.</summary>
    public static void Fill(JsonObject obj, Schema schema, Dice dice, int depth = 0)
    {
        foreach (var (name, field) in schema.Properties)
        {
            if (name is "apiVersion" or "kind" && depth == 0)
            {
                continue;
            }

            if (obj[name] is JsonObject inner)
            {
                if (dice.Chance(60))
                {
                    Fill(inner, field, dice, depth + 1);
                }
            }
            else if (obj[name] is JsonArray array && field.Items is { } items)
            {
                if (array.Count > 0 && array[dice.Next(array.Count)] is JsonObject entry)
                {
                    Fill(entry, items, dice, depth + 1);
                }

                if (dice.Chance(20))
                {
                    array.Add(Value(items, dice, depth + 1));
                }
            }
            else if (!obj.ContainsKey(name) && (dice.Chance(depth == 0 ? 20 : 7) || (schema.Required.Contains(name) && dice.Chance(90))))
            {
                obj[name] = Value(field, dice, depth + 1);
            }
        }

        if (schema.AdditionalProperties is { } values && dice.Chance(30))
        {
            obj[dice.Chance(50) ? dice.Pick("a", "cpu", "memory", "pods", "example.org/a") : OddValues.Text(dice)] = Value(values, dice, depth + 1);
        }
    }

    /// <summary>A value that the schema may allow.</summary>
    public static JsonNode? Value(Schema schema, Dice dice, int depth)
    {
        if (dice.Chance(3))
        {
            return OddValues.Node(dice);
        }

        if (schema.Enum.Count > 0 && dice.Chance(80))
        {
            return JsonValue.Create(dice.Pick(schema.Enum));
        }

        switch (schema.Type)
        {
            case SchemaType.Object:
                var obj = new JsonObject();
                if (depth < Deepest)
                {
                    Fill(obj, schema, dice, depth);
                }

                return obj;
            case SchemaType.Array:
                var array = new JsonArray();
                for (var i = dice.Next(3); i > 0 && depth < Deepest && schema.Items is { } items; i--)
                {
                    array.Add(Value(items, dice, depth + 1));
                }

                return array;
            case SchemaType.Integer:
                return dice.Chance(70) ? JsonValue.Create(dice.Next(100)) : OddValues.Number(dice);
            case SchemaType.Number:
                return OddValues.Number(dice);
            case SchemaType.Boolean:
                return JsonValue.Create(dice.Chance(50));
            case SchemaType.IntOrString:
                return dice.Chance(50) ? JsonValue.Create(dice.Next(100)) : JsonValue.Create(dice.Pick("50%", "a", "http", OddValues.Text(dice)));
            case SchemaType.Quantity:
                return JsonValue.Create(dice.Chance(60) ? dice.Pick("1", "100m", "1Gi", "0", "500Mi", "1e3") : OddValues.Text(dice));
            case SchemaType.Any:
                return OddValues.Node(dice);
            default:
                return JsonValue.Create(Text(schema, dice));
        }
    }

    private static string Text(Schema schema, Dice dice) => schema.Format switch
    {
        "date-time" when dice.Chance(70) => "2026-01-02T03:04:05Z",
        "micro-time" when dice.Chance(70) => "2026-01-02T03:04:05.000006Z",
        "byte" when dice.Chance(70) => Convert.ToBase64String(dice.Bytes(dice.Next(40))),
        _ => dice.Chance(50) ? dice.Pick("a", "b", "web", "default", "example.org/a") : OddValues.Text(dice),
    };
}
