using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>Writes objects as YAML in some of the many ways there are.</summary>
internal static class YamlText
{
    private static readonly string[] Oddities =
    [
        "a: &a [1]\nb: *a\n", "a: *missing\n", "a: &a {b: *a}\n", "? [1, 2]\n: 3\n", "a: !!binary AA==\n", "a: !!int \"1\"\n", "a: !!float x\n", "a: !local x\n", "a: 0x10\nb: 0o17\nc: 1_000\nd: 1:30\n",
        "a: .inf\n", "a: .nan\n", "a: 2026-01-01\n", "a: yes\nb: NO\nc: ~\n", "a: |+\n  x\n\n", "a: >-\n  x\n  y\n", "a: 'it''s'\n", "a: \"\\x00\\u12345\"\n", "a: \"\\ud800\"\n", "<<: {a: 1}\nb: 2\n",
        "<<: [{a: 1}, {b: 2}]\n", "<<: 1\n", "---\na: 1\n---\nb: 2\n", "...\n", "%YAML 1.1\n---\na: 1\n", "%YAML 9.9\n---\na: 1\n", "\ta: 1\n", "a:\n\t- 1\n", "a: 1\na: 2\n", "a: [1, 2\n", "a: {b: 1\n",
        "- a\n- b\n", "a\n", "", "\n\n", "# nothing\n", "---\n", "a: b: c\n", "a: @b\n", "a: `b`\n", "{a: 1, ? b : 2}\n", "1: 2\ntrue: 3\nnull: 4\n1.5: 5\n", "? |\n  a\n: b\n", "a: - b\n",
        "a: &x {l: &y [*x, *y]}\n", "&a a: &b b\n*a : *b\n", "a: 1e400\nb: -1e400\nc: 99999999999999999999\n", "\ufeffa: 1\n", "a: \u0085b\n", "a: \u2028b\n", "!!map {a: 1}\n", "!<tag:yaml.org,2002:str> a: 1\n",
    ];

    /// <summary>An object, in block form.</summary>
    public static string Of(JsonNode? node, Dice dice)
    {
        var text = new StringBuilder();
        if (dice.Chance(15))
        {
            text.Append(dice.Pick(Oddities));
        }

        Write(text, node, 0, dice);
        if (dice.Chance(15))
        {
            text.Append(dice.Pick(Oddities));
        }

        return text.ToString();
    }

    /// <summary>A list in a list in a list, each the double of the one before.</summary>
    public static string Laughs(Dice dice)
    {
        var text = new StringBuilder("a0: &a0 [x, x]\n");
        for (var i = 1; i < dice.Pick(5, 12, 30); i++)
        {
            text.Append($"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n");
        }

        return text.ToString();
    }

    /// <summary>Anchors that make a document deeper than its text.</summary>
    public static string DeepAliases(Dice dice)
    {
        var depth = dice.Pick(50, 120, 200);
        var (open, close) = (new string('[', depth), new string(']', depth));
        return $"a: &a {open}1{close}\nb: &b {open}*a{close}\ndata: {open}*b{close}\n";
    }

    private static void Write(StringBuilder text, JsonNode? node, int indent, Dice dice)
    {
        if (node is JsonObject { Count: > 0 } obj && indent < 20 && !dice.Chance(10))
        {
            foreach (var (name, value) in obj)
            {
                text.Append(' ', indent * 2).Append(name.All(char.IsAsciiLetterOrDigit) && name.Length > 0 ? name : JsonBytes.Plain(name)).Append(':');
                WriteValue(text, value, indent, dice);
            }
        }
        else if (node is JsonArray { Count: > 0 } array && indent < 20)
        {
            foreach (var value in array)
            {
                text.Append(' ', indent * 2).Append('-');
                WriteValue(text, value, indent, dice);
            }
        }
        else
        {
            text.Append(' ', indent * 2).Append(JsonBytes.Plain(node)).Append('\n');
        }
    }

    private static void WriteValue(StringBuilder text, JsonNode? value, int indent, Dice dice)
    {
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            text.Append('\n');
            Write(text, value, indent + 1, dice);
        }
        else
        {
            text.Append(' ').Append(JsonBytes.Plain(value)).Append('\n');
        }
    }
}
