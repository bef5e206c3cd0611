using System.Text.Json.Nodes;

namespace Modular.Kernel.Plugins;

/// <summary>Translates the trial of a candidate from and to JSON, and says what is wrong with one.</summary>
internal static class TrialFormat
{
    public const string Shadow = "shadow";
    public const string Canary = "canary";

    private static readonly string[] Members = ["mode", "selector", "share", "role"];

    /// <summary>What <see cref="Problems"/> has nothing against; null for no trial.</summary>
    public static Trial? Read(JsonNode? node) => node is not JsonObject trial ? null :
        new Trial((string?)trial["mode"] == Canary ? TrialMode.Canary : TrialMode.Shadow)
        {
            Selector = (string?)trial["selector"] ?? "",
            Share = (int?)trial["share"] ?? 100,
            Role = (string?)trial["role"] ?? "",
        };

    public static JsonObject? Write(Trial? trial) => trial is null ? null : new JsonObject
    {
        ["mode"] = trial.Mode == TrialMode.Canary ? Canary : Shadow,
        ["selector"] = trial.Selector,
        ["share"] = trial.Share,
        ["role"] = trial.Role,
    };

    /// <summary>The members that are wrong, and what to write.</summary>
    public static IEnumerable<(string Member, JsonNode? Value, string Detail)> Problems(JsonObject trial)
    {
        foreach (var (name, value) in trial)
        {
            if (!Members.Contains(name))
            {
                yield return (name, value, "is not known; write mode, selector, share and role");
            }
        }

        if (trial["mode"] is not JsonValue mode || !mode.TryGetValue<string>(out var text) || text is not (Shadow or Canary))
        {
            yield return ("mode", trial["mode"], $"write {Shadow} or {Canary}");
        }

        if (trial["share"] is { } share && (share is not JsonValue number || !number.TryGetValue<int>(out var percent) || percent is < 1 or > 100))
        {
            yield return ("share", share, "write a percentage from 1 to 100");
        }

        if (trial["role"] is { } role && (role is not JsonValue named || !named.TryGetValue<string>(out _)))
        {
            yield return ("role", role, "write the name of a role, such as scheduler");
        }

        if (trial["selector"] is { } selector && SelectorProblem(selector) is { } problem)
        {
            yield return ("selector", selector, problem);
        }
    }

    private static string? SelectorProblem(JsonNode node)
    {
        if (node is not JsonValue value || !value.TryGetValue<string>(out var selector))
        {
            return "write a label selector as text, such as app=web";
        }

        try
        {
            _ = LabelSelector.Parse(selector);
            return null;
        }
        catch (ApiException e)
        {
            return e.Message;
        }
    }
}
