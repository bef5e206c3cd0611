using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Resource quotas: how much a namespace may have of what can be counted.</summary>
internal sealed class ResourceQuotaStrategy : ObservedStrategy
{
    private ResourceQuotaStrategy()
    {
    }

    public static ResourceQuotaStrategy Instance { get; } = new();

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        foreach (var (resource, _) in spec.GetObject("hard") ?? [])
        {
            errors.InvalidAll($"spec.hard[{resource}]", resource, NameRules.QualifiedName(resource));
            if (Quantity.TryParse(spec.GetString($"hard.{resource}") ?? spec["hard"]![resource].AsString() ?? "", out var amount) && amount.CompareTo(Quantity.Zero) < 0)
            {
                errors.Invalid($"spec.hard[{resource}]", amount.ToString(), "must be greater than or equal to 0");
            }
        }

        FieldRules.Unchanged(spec, old, "scopes", errors);
    }
}
