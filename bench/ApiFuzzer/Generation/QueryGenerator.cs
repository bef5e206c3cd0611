namespace Modular.ApiFuzzer;

/// <summary>Makes query strings of the parameters that the API knows, with values right and wrong.</summary>
internal sealed class QueryGenerator(KnownState known)
{
    private static readonly string[] Flags = ["true", "true", "false", "1", "0", "", "TRUE"];
    private static readonly string[] Limits = ["0", "1", "1", "2", "5", "500", "60", "1000000"];
    private static readonly string[] OddLimits = ["-1", "a", "", "2147483648", "9223372036854775807", "99999999999999999999", "1.5", " 1", "+1"];
    private static readonly string[] Listed =
        ["limit", "continue", "resourceVersion", "resourceVersionMatch", "labelSelector", "fieldSelector", "includeObject", "pretty", "watch", "timeoutSeconds", "sendInitialEvents", "allowWatchBookmarks"];

    private static readonly string[] Written = ["dryRun", "fieldManager", "fieldValidation", "force", "pretty", "includeObject", "orphanDependents", "propagationPolicy", "gracePeriodSeconds"];
    private static readonly string[] Streamed = ["command", "container", "stdin", "stdout", "tty", "follow", "previous", "sinceSeconds", "sinceTime", "tailLines", "limitBytes", "timestamps", "ports", "path"];

    /// <summary>A query with its question mark; often empty.</summary>
    /// <param name="dice">Chance.</param>
    /// <param name="isRead">Whether the request reads.</param>
    /// <param name="isApply">Whether a field manager is needed.</param>
    public string Next(Dice dice, bool isRead, bool isApply)
    {
        var pairs = new List<string>();
        if (isApply && dice.Chance(90))
        {
            pairs.Add("fieldManager=" + dice.Pick("fuzz", "other"));
        }

        for (var i = dice.Pick(0, 0, 0, 1, 1, 2, 3); i > 0; i--)
        {
            var name = dice.Chance(90) ? dice.Pick(isRead ? Listed : Written) : dice.Pick(dice.Pick(Listed), dice.Pick(Written), dice.Pick(Streamed), OddValues.Text(dice));
            pairs.Add($"{Escape(name, dice)}{(dice.Chance(95) ? "=" : dice.Pick("", "=="))}{Escape(Value(name, dice), dice)}");
        }

        if (dice.Chance(2))
        {
            pairs.Add(dice.Pick("&&", "%", "%zz", "%00", "=", "?", "a=%ff%fe", "+", ";"));
        }

        return pairs.Count == 0 ? "" : "?" + string.Join('&', pairs);
    }

    /// <summary>The query of a watch, whose parameters depend on each other.</summary>
    public string Watch(Dice dice)
    {
        var query = $"?watch={dice.Pick("true", "1", "true", "")}";
        if (dice.Chance(50))
        {
            query += dice.Pick("&sendInitialEvents=true", "&sendInitialEvents=false") + dice.Pick("&resourceVersionMatch=NotOlderThan", "&resourceVersionMatch=Exact", "");
        }

        foreach (var name in (ReadOnlySpan<string>)["resourceVersion", "allowWatchBookmarks", "timeoutSeconds", "labelSelector", "fieldSelector", "includeObject", "limit", "continue"])
        {
            if (dice.Chance(25))
            {
                query += $"&{name}={Escape(Value(name, dice), dice)}";
            }
        }

        return query;
    }

    private static string Escape(string text, Dice dice) => dice.Chance(97) ? Uri.EscapeDataString(text) : string.Concat(text.Where(c => c is > ' ' and < '\u007f' and not '#'));

    private string Value(string name, Dice dice) => dice.Chance(5) ? OddValues.Text(dice) : name switch
    {
        "limit" or "timeoutSeconds" or "gracePeriodSeconds" or "sinceSeconds" or "tailLines" or "limitBytes" => dice.Chance(92) ? dice.Pick(Limits) : dice.Pick(OddLimits),
        "continue" => dice.Chance(70) ? dice.Pick(known.Tokens) : Token(dice),
        "resourceVersion" => dice.Chance(95) ? dice.Pick(known.Revisions) : dice.Pick(OddValues.Numbers),
        "resourceVersionMatch" => dice.Chance(93) ? dice.Pick("Exact", "NotOlderThan", "") : "exact",
        "labelSelector" => Bounded(SelectorText.Labels(dice)),
        "fieldSelector" => Bounded(SelectorText.FieldsOf(dice)),
        "includeObject" => dice.Chance(95) ? dice.Pick("None", "Metadata", "Object") : "none",
        "dryRun" => dice.Chance(93) ? dice.Pick("All", "") : dice.Pick("None", "all"),
        "fieldManager" => dice.Pick("fuzz", "other", ""),
        "fieldValidation" => dice.Chance(93) ? dice.Pick("Strict", "Warn", "Ignore") : "strict",
        "propagationPolicy" => dice.Chance(93) ? dice.Pick("Background", "Foreground", "Orphan") : "orphan",
        "command" or "container" => dice.Pick("a", "b", ""),
        _ => dice.Pick(Flags),
    };

    // Two of them, each character escaped, still stand on a request line that is read.
    private static string Bounded(string selector) => selector.Length <= 400 ? selector : selector[..400];

    // A token's inside, wrong in ways that the outside hides.
    private string Token(Dice dice)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(dice.Pick("1\n1\na", "1\n0\ndefault/a", "1\n9223372036854775807\na", "2\n1\na", "1\n-1\na", "1\n1\n", "1\n1\na\nb", "{\"v\":\"meta.k8s.io/v1\",\"rv\":1,\"start\":\"a\"}", "1\n5\n\0"));
        var token = System.Buffers.Text.Base64Url.EncodeToString(dice.Chance(70) ? bytes : ByteMutation.Mutate(bytes, dice));
        return dice.Chance(80) ? token : dice.Pick(known.Tokens) + token;
    }
}
