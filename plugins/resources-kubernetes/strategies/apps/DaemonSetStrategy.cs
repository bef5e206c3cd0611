using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Daemon sets: a pod of a template on every node that fits.</summary>
internal sealed class DaemonSetStrategy : ObservedStrategy
{
    private DaemonSetStrategy()
    {
    }

    public static DaemonSetStrategy Instance { get; } = new();

    protected override JsonObject FirstStatus => new()
    {
        ["currentNumberScheduled"] = 0,
        ["numberMisscheduled"] = 0,
        ["desiredNumberScheduled"] = 0,
        ["numberReady"] = 0,
    };

    public override void Default(JsonObject obj)
    {
        PodTemplateRules.Default(obj);
        if (obj.GetObject("spec.updateStrategy") is { } strategy && strategy.GetString("type") == "RollingUpdate")
        {
            var rolling = strategy.GetOrAddObject("rollingUpdate");
            rolling["maxUnavailable"] ??= 1;
            rolling["maxSurge"] ??= 0;
        }
    }

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        FieldRules.NotNegative(spec, "minReadySeconds", errors);
        FieldRules.NotNegative(spec, "revisionHistoryLimit", errors);
        PodTemplateRules.ValidateSelected(spec, "daemonset", errors);
        PodTemplateRules.ValidateLasting(spec, "DaemonSet", errors);
        if (spec.GetObject("updateStrategy.rollingUpdate") is { } rolling)
        {
            ValidateRolling(rolling, errors);
        }
    }

    private static void ValidateRolling(JsonObject rolling, FieldErrors errors)
    {
        FieldRules.CountOrPercentage(rolling, "maxUnavailable", atMostAll: true, errors);
        FieldRules.CountOrPercentage(rolling, "maxSurge", atMostAll: true, errors);
        var (unavailable, surge) = (FieldRules.IsZero(rolling, "maxUnavailable"), FieldRules.IsZero(rolling, "maxSurge"));
        if (unavailable && surge)
        {
            errors.Invalid(rolling.FieldPath("maxUnavailable"), rolling["maxUnavailable"], "cannot be 0 when maxSurge is 0");
        }
        else if (!unavailable && !surge && rolling["maxSurge"] is not null)
        {
            errors.Invalid(rolling.FieldPath("maxSurge"), rolling["maxSurge"], "may not be set when maxUnavailable is non-zero");
        }
    }
}
