namespace Modular.ApiFuzzer;

/// <summary>Writes label and field selectors.</summary>
internal static class SelectorText
{
    private static readonly string[] Fields =
    [
        "metadata.name", "metadata.namespace", "spec.nodeName", "status.phase", "type", "involvedObject.kind", "reason", "spec.type", "spec.unschedulable", "unknown", "", "metadata", ".", "\0",
    ];

    private static readonly string[] Tokens = ["a", "b", "example.org/a", "=", "==", "!=", "!", "in", "notin", "(", ")", ",", " ", ">", "<", "1", "-", "\\", "\u00e9", "\0", "\n", "exists"];

    public static string Labels(Dice dice)
    {
        if (dice.Chance(30))
        {
            return string.Concat(Enumerable.Range(0, dice.Next(12)).Select(_ => dice.Pick(Tokens)));
        }

        var text = string.Join(',', Enumerable.Range(0, dice.Next(3) + 1).Select(_ => Requirement(dice)));
        return dice.Chance(2) ? string.Join(',', Enumerable.Repeat(text, 300)) : text;
    }

    public static string FieldsOf(Dice dice) => dice.Chance(20)
        ? string.Concat(Enumerable.Range(0, dice.Next(8)).Select(_ => dice.Pick(dice.Pick(Tokens), dice.Pick(Fields))))
        : string.Join(',', Enumerable.Range(0, dice.Next(2) + 1).Select(_ => dice.Pick(Fields) + dice.Pick("=", "==", "!=", "") + dice.Pick("a", "web", "sample-1", "Running", "default", "a\\,b", "\\", OddValues.Text(dice))));

    private static string Requirement(Dice dice)
    {
        var key = dice.Pick("a", "example.org/a", OddValues.Text(dice));
        return dice.Next(6) switch
        {
            0 => key,
            1 => "!" + key,
            2 => $"{key} in ({dice.Pick("a", "a,b", "", ",", OddValues.Text(dice))})",
            3 => $"{key} notin ({dice.Pick("b", "a,b", "(", OddValues.Text(dice))})",
            4 => $"{key} {dice.Pick(">", "<")} {dice.Pick(OddValues.Numbers)}",
            _ => $"{key}{dice.Pick("=", "==", "!=")}{dice.Pick("b", "", OddValues.Text(dice))}",
        };
    }
}
