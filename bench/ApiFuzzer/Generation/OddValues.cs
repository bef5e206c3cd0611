using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>Values that code forgets.</summary>
internal static class OddValues
{
    /// <summary>Numbers as JSON writes them.</summary>
    public static readonly string[] Numbers =
    [
        "0", "-0", "-1", "1", "1.5", "1e2", "1E400", "-1e400", "1e-400", "0.1e1", "2147483647", "2147483648", "-2147483649", "9223372036854775807",
        "9223372036854775808", "-9223372036854775809", "18446744073709551616", "123456789012345678901234567890123456789012345678901234567890",
        "1.0", "65535", "65536", "253402300800", "0.30000000000000000000000000000004",
    ];

    public static readonly string[] Texts =
    [
        "", " ", "a", "A", "-", ".", "..", "/", "a/b", "a/b/c", "%", "%s", "\0", "a\0b", "\n", "\r\n", "\t", "\u001b[31m", "\u00e9", "\u65e5\u672c", "\ud83d\ude00", "\u200b", "\ufeff",
        "\ufffd", "\u2028", "null", "true", "0", "-1", "1e999", "0x10", "100m", "1Gi", "-1Gi", "1e3Ki", "1.5.5", "99999999999999999999999E", "1n", "0.0000000001",
        "50%", "-5%", "101%", "%%", "2006-01-02T15:04:05Z", "2006-01-02T15:04:05.999999999Z", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59+14:00", "2006-01-02",
        "10.0.0.1", "256.1.1.1", "::1", "fe80::1%eth0", "10.0.0.0/8", "10.0.0.1/99", "10.96.0.1", "example.org", "*.example.org", "http://a", "a=b", "a in (b)", "${a}", "$(A)", "$patch",
        "AA==", "!!!!", "../../etc", "@every 1h", "* * * * *", "TZ=UTC * * * * *", "99 * * * *", "TCP", "tcp", "ClusterIP", "None", "Always", "default", "kube-system", "kubernetes.io/a",
    ];

    /// <summary>Members that mean something to some reader of objects.</summary>
    public static readonly string[] MemberNames =
    [
        "", "a", "metadata", "spec", "status", "kind", "apiVersion", "name", "namespace", "managedFields", "ownerReferences", "finalizers", "generateName", "resourceVersion",
        "uid", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "creationTimestamp", "labels", "annotations", "selfLink", "$patch", "$retainKeys", "$setElementOrder/a",
        "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers", "a.b", "a/b", "a~b", "\0", "\u00e9", "f:metadata", "items", "<<", ".", "k:{\"name\":\"a\"}",
    ];

    /// <summary>A string, now and then a long one.</summary>
    public static string Text(Dice dice) => dice.Next(20) switch
    {
        0 => new string(dice.Pick('a', '.', '-', '9', '\u00e9', ' '), dice.Pick(63, 64, 128, 253, 254, 317, 1024, 1024, 1024, 4096, dice.Chance(5) ? 70_000 : 5000)),
        1 => string.Concat(dice.Pick(Texts), dice.Pick(Texts)),
        _ => dice.Pick(Texts),
    };

    /// <summary>Any value.</summary>
    public static JsonNode? Node(Dice dice) => dice.Next(12) switch
    {
        0 => null,
        1 => JsonValue.Create(dice.Chance(50)),
        2 or 3 or 4 => Number(dice),
        5 => new JsonObject(),
        6 => new JsonArray(),
        7 => new JsonObject { [dice.Pick(MemberNames)] = Node(dice) },
        8 => new JsonArray(Node(dice), Node(dice)),
        9 when dice.Chance(10) => Nested(dice.Pick(20, 100, 200, 240, 245, 248, 249, 250, 251, 255, 260, 300), dice.Chance(50)),
        _ => JsonValue.Create(Text(dice)),
    };

    /// <summary>A number, with its text.</summary>
    public static JsonNode Number(Dice dice) => JsonNode.Parse(dice.Pick(Numbers))!;

    private static JsonNode Nested(int depth, bool objects)
    {
        JsonNode node = JsonValue.Create(1);
        for (var i = 0; i < depth; i++)
        {
            node = objects ? new JsonObject { ["a"] = node } : new JsonArray(node);
        }

        return node;
    }
}
