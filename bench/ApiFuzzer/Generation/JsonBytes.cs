using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>Writes JSON as odd as it may be: fields that stand twice, white space, escapes.</summary>
internal static class JsonBytes
{
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = 10_000 };

    /// <summary>The plain text of a node, however deep it is.</summary>
    public static string Plain(JsonNode? node) => node?.ToJsonString(Deep) ?? "null";

    public static byte[] Of(JsonNode? node, Dice dice)
    {
        if (dice.Chance(80))
        {
            return Encoding.UTF8.GetBytes(Plain(node));
        }

        var text = new StringBuilder();
        Write(text, node, dice, 0);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, JsonNode? node, Dice dice, int depth)
    {
        if (dice.Chance(5))
        {
            text.Append(dice.Pick(" ", "\n", "\t", "\r\n"));
        }

        switch (node)
        {
            case JsonObject obj:
                text.Append('{');
                var first = true;
                foreach (var (name, value) in obj)
                {
                    // What stands twice deep inside would stand there a million times.
                    for (var times = depth < 5 && dice.Chance(5) ? 2 : 1; times > 0; times--)
                    {
                        text.Append(first ? "" : ",").Append(Escaped(name, dice)).Append(':');
                        Write(text, value, dice, depth + 1);
                        first = false;
                    }
                }

                text.Append('}');
                break;
            case JsonArray array:
                text.Append('[');
                for (var i = 0; i < array.Count; i++)
                {
                    text.Append(i == 0 ? "" : ",");
                    Write(text, array[i], dice, depth + 1);
                }

                text.Append(']');
                break;
            default:
                text.Append(Plain(node));
                break;
        }
    }

    private static string Escaped(string name, Dice dice) => dice.Chance(5)
        ? $"\"{string.Concat(name.Select(c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")))}\""
        : Plain(name);
}
