using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Deployments: pods of a template that are exchanged bit by bit when the template changes.</summary>
internal sealed class DeploymentStrategy : ObservedStrategy
{
    private DeploymentStrategy()
    {
    }

    public static DeploymentStrategy Instance { get; } = new();

    public override void Default(JsonObject obj)
    {
        PodTemplateRules.Default(obj);
        if (obj.GetObject("spec.strategy") is { } strategy && strategy.GetString("type") == "RollingUpdate")
        {
            var rolling = strategy.GetOrAddObject("rollingUpdate");
            rolling["maxUnavailable"] ??= "25%";
            rolling["maxSurge"] ??= "25%";
        }
    }

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        FieldRules.NotNegative(spec, "replicas", errors);
        FieldRules.NotNegative(spec, "minReadySeconds", errors);
        FieldRules.NotNegative(spec, "revisionHistoryLimit", errors);
        PodTemplateRules.ValidateSelected(spec, "deployment", errors);
        PodTemplateRules.ValidateLasting(spec, "Deployment", errors);
        ValidateStrategy(spec, errors);
        ValidateDeadline(spec, errors);
    }

    private static void ValidateStrategy(JsonObject spec, FieldErrors errors)
    {
        if (spec.GetObject("strategy.rollingUpdate") is not { } rolling)
        {
            return;
        }

        if (spec.GetString("strategy.type") == "Recreate")
        {
            errors.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
            return;
        }

        FieldRules.CountOrPercentage(rolling, "maxUnavailable", atMostAll: true, errors);
        FieldRules.CountOrPercentage(rolling, "maxSurge", atMostAll: false, errors);
        if (FieldRules.IsZero(rolling, "maxUnavailable") && FieldRules.IsZero(rolling, "maxSurge"))
        {
            errors.Invalid("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
        }
    }

    private static void ValidateDeadline(JsonObject spec, FieldErrors errors)
    {
        FieldRules.NotNegative(spec, "progressDeadlineSeconds", errors);
        if (spec.GetInt64("progressDeadlineSeconds") is { } deadline && deadline <= (spec.GetInt64("minReadySeconds") ?? 0))
        {
            errors.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
        }
    }
}
