using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Jobs: pods that are to succeed, so and so often. A job knows its pods by its own uid, unless it says otherwise.</summary>
internal sealed class JobStrategy : ObservedStrategy
{
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";
    private const string JobName = "batch.kubernetes.io/job-name";
    private const string OldControllerUid = "controller-uid";
    private const string OldJobName = "job-name";

    private static readonly string[] Fixed = ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy", "selector", "manualSelector"];

    private JobStrategy()
    {
    }

    public static JobStrategy Instance { get; } = new();

    public override void Default(JsonObject obj)
    {
        PodTemplateRules.Default(obj);
        if (obj.GetObject("spec") is not { } spec)
        {
            return;
        }

        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
        }

        spec["parallelism"] ??= 1;
        spec["completionMode"] ??= "NonIndexed";
        spec["suspend"] ??= false;
        spec["backoffLimit"] ??= spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue;
        spec["podReplacementPolicy"] ??= spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed";
        LabelAsPods(obj, spec);
    }

    protected override void Begin(StrategyContext context, JsonObject obj)
    {
        if (obj.GetObject("spec") is not { } spec || spec.GetBoolean("manualSelector") is true || obj.GetString("metadata.uid") is not { } uid)
        {
            return;
        }

        var labels = spec.GetOrAddObject("template.metadata.labels");
        var name = obj.GetString("metadata.name") ?? "";
        labels[ControllerUid] ??= uid;
        labels[OldControllerUid] ??= uid;
        labels[JobName] ??= name;
        labels[OldJobName] ??= name;
        if (spec.GetObject("selector") is null)
        {
            spec.Set("selector.matchLabels", new JsonObject { [ControllerUid] = uid });
        }

        // Defaults come before the pods have their labels.
        LabelAsPods(obj, spec);
    }

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        ValidateWork(spec, errors);
        if (spec.GetObject("selector") is null)
        {
            errors.Required("spec.selector");
        }

        PodTemplateRules.ValidateSelected(spec, "job", errors);
        foreach (var field in Fixed)
        {
            FieldRules.Unchanged(spec, old, field, errors);
        }

        if (old is not null && spec.GetString("completionMode") != "Indexed")
        {
            FieldRules.Unchanged(spec, old, "completions", errors);
        }

        // Whoever has not begun may still be given other nodes.
        if (old?.GetBoolean("suspend") is not true)
        {
            FieldRules.Unchanged(spec, old, "template", errors);
        }
    }

    private static void LabelAsPods(JsonObject obj, JsonObject spec)
    {
        if (obj.GetObject("metadata.labels") is null or { Count: 0 } && spec.GetObject("template.metadata.labels") is { Count: > 0 } labels)
        {
            obj.Set("metadata.labels", labels.DeepClone());
        }
    }

    /// <summary>What holds for jobs, and for templates of them.</summary>
    public static void ValidateWork(JsonObject spec, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"])
        {
            FieldRules.NotNegative(spec, field, errors);
        }

        if (spec.GetString("completionMode") == "Indexed" && spec["completions"] is null)
        {
            errors.Required(spec.FieldPath("completions"), "when completion mode is Indexed");
        }

        if (spec.GetObject("template.spec") is not { } pods)
        {
            return;
        }

        PodSpecRules.Validate(pods, errors);
        if (pods.GetString("restartPolicy") is null or "Always")
        {
            errors.NotSupported(pods.FieldPath("restartPolicy"), pods.GetString("restartPolicy") ?? "", ["OnFailure", "Never"]);
        }
    }
}
