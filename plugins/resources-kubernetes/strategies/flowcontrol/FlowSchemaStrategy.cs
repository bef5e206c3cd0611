using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Flow schemas: which requests are of which priority level.</summary>
internal sealed class FlowSchemaStrategy : ObservedStrategy
{
    private FlowSchemaStrategy()
    {
    }

    public static FlowSchemaStrategy Instance { get; } = new();

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        FieldRules.Between(spec, "matchingPrecedence", 1, 10_000, errors);
        if (spec.GetString("priorityLevelConfiguration.name") is "")
        {
            errors.Required("spec.priorityLevelConfiguration.name", "must reference a priority level");
        }

        foreach (var rule in spec.Objects("rules"))
        {
            if (rule.GetArray("subjects") is { Count: 0 })
            {
                errors.Required(rule.FieldPath("subjects"), "subjects must contain at least one value");
            }
        }
    }
}
