using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What events of the newer form, those with an eventTime, must and must not say.</summary>
internal static class EventRules
{
    private const int LongestWord = 128;
    private const int LongestMessage = 1024;

    private static readonly string[] Unset = ["firstTimestamp", "lastTimestamp", "count"];

    private static readonly string[] Settled =
    [
        "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "type", "eventTime", "action", "related",
        "reportingComponent", "reportingInstance",
    ];

    /// <summary>Who reports, and what was done, in words of bounded length.</summary>
    public static void DemandReport(JsonObject obj, FieldErrors errors)
    {
        var controller = obj.GetString("reportingComponent") ?? "";
        if (controller.Length == 0)
        {
            errors.Required("reportingController");
        }

        foreach (var wrong in NameRules.QualifiedName(controller))
        {
            errors.Invalid("reportingController", controller, wrong);
        }

        foreach (var field in (ReadOnlySpan<string>)["reportingInstance", "action", "reason"])
        {
            if (obj.GetString(field) is not { Length: > 0 } word)
            {
                errors.Required(field);
            }
            else if (word.Length > LongestWord)
            {
                errors.Invalid(field, word, $"can have at most {LongestWord} characters");
            }
        }

        if (obj.GetString("message") is { Length: > LongestMessage } message)
        {
            errors.Invalid("message", message, $"can have at most {LongestMessage} characters");
        }
    }

    /// <summary>What is written through events.k8s.io: nothing of the older form, and nothing that was said changes but its series.</summary>
    public static void DemandNewForm(JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (old is null)
        {
            if (obj["eventTime"] is null)
            {
                errors.Required("eventTime");
            }

            var type = obj.GetString("type") ?? "";
            if (type is not ("Normal" or "Warning"))
            {
                errors.Invalid("type", type, $"has invalid value: {type}");
            }

            foreach (var field in Unset)
            {
                if (obj[field] is { } value && value.ToString() is not "0")
                {
                    errors.Invalid(field, value.ToString(), "needs to be unset");
                }
            }

            if (obj.GetString("source.component") is { Length: > 0 } || obj.GetString("source.host") is { Length: > 0 })
            {
                errors.Invalid("source", "", "needs to be unset");
            }
        }
        else
        {
            foreach (var field in Settled)
            {
                if (!FieldRules.Same(obj[field], old[field]))
                {
                    errors.Invalid(field, obj[field]?.ToJsonString() ?? "", "field is immutable");
                }
            }
        }

        if (obj["series"] is JsonObject series && !FieldRules.Same(series, old?["series"]))
        {
            if (series.GetInt64("count") is null or < 2)
            {
                errors.Invalid("series.count", series.GetInt64("count") ?? 0, "should be at least 2");
            }

            if (series["lastObservedTime"] is null)
            {
                errors.Required("series.lastObservedTime");
            }
        }
    }
}
