using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>The template of pods that a kind makes, and the selector by which it knows them.</summary>
internal static class PodTemplateRules
{
    public static void Default(JsonObject obj, string template = "spec.template")
    {
        if (obj.GetObject(template + ".spec") is { } pods)
        {
            PodSpecDefaults.ApplyToTemplate(pods);
        }
    }

    /// <summary>The selector selects something, and the pods of the template.</summary>
    /// <param name="spec">Where both stand.</param>
    /// <param name="kind">The kind, as errors name it.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void ValidateSelected(JsonObject spec, string kind, FieldErrors errors)
    {
        if (spec.GetObject("selector") is not { } written)
        {
            // The schema demands it.
            return;
        }

        var selector = LabelSelector.From(written, "spec.selector", errors);
        if (selector.MatchesEverything)
        {
            errors.Invalid("spec.selector", written, $"empty selector is invalid for {kind}");
        }
        else if (!selector.Matches(spec.GetStringMap("template.metadata.labels")))
        {
            errors.Invalid("spec.template.metadata.labels", spec.GetObject("template.metadata.labels") ?? [], "`selector` does not match template `labels`");
        }
    }

    /// <summary>Pods of the template go on for ever, and nothing is wrong with them.</summary>
    /// <param name="spec">Where the template stands.</param>
    /// <param name="kind">The kind, as errors name it.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void ValidateLasting(JsonObject spec, string kind, FieldErrors errors)
    {
        if (spec.GetObject("template.spec") is not { } pods)
        {
            return;
        }

        PodSpecRules.Validate(pods, errors);
        if (pods.GetString("restartPolicy") is { } policy and ("OnFailure" or "Never"))
        {
            errors.NotSupported(pods.FieldPath("restartPolicy"), policy, ["Always"]);
        }

        if (pods.GetInt64("activeDeadlineSeconds") is not null)
        {
            errors.Forbidden(pods.FieldPath("activeDeadlineSeconds"), $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }
}
