using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Pod disruption budgets: how many pods of a selector must be left when others want them gone.</summary>
internal sealed class PodDisruptionBudgetStrategy : ObservedStrategy
{
    private PodDisruptionBudgetStrategy()
    {
    }

    public static PodDisruptionBudgetStrategy Instance { get; } = new();

    protected override JsonObject FirstStatus => new()
    {
        ["disruptionsAllowed"] = 0,
        ["currentHealthy"] = 0,
        ["desiredHealthy"] = 0,
        ["expectedPods"] = 0,
    };

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            errors.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        }

        FieldRules.CountOrPercentage(spec, "minAvailable", atMostAll: true, errors);
        FieldRules.CountOrPercentage(spec, "maxUnavailable", atMostAll: true, errors);
        if (spec.GetObject("selector") is { } selector)
        {
            _ = LabelSelector.From(selector, "spec.selector", errors);
        }
    }
}
