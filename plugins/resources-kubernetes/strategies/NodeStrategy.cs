using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Nodes: the address ranges and the identity a node was given stay as they are.</summary>
internal sealed class NodeStrategy : IResourceStrategy
{
    private NodeStrategy()
    {
    }

    public static NodeStrategy Instance { get; } = new();

    public void Default(JsonObject obj)
    {
        if (obj.GetObject("status.allocatable") is null && obj.GetObject("status.capacity") is { } capacity)
        {
            obj.Set("status.allocatable", capacity.DeepClone());
        }
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        foreach (var taint in obj.Objects("spec.taints"))
        {
            if (taint.GetString("key") is { } key)
            {
                errors.InvalidAll(taint, "key", key, NameRules.QualifiedName(key));
            }

            if (taint.GetString("value") is { Length: > 0 } value)
            {
                errors.InvalidAll(taint, "value", value, NameRules.LabelValue(value));
            }
        }

        if (old is not null)
        {
            DemandSetOnce("podCIDR", "node updates may not change podCIDR except from \"\" to valid", obj, old, errors);
            DemandSetOnce("providerID", "node updates may not change providerID except from \"\" to valid", obj, old, errors);
        }
    }

    private static void DemandSetOnce(string field, string explanation, JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var before = old.GetString($"spec.{field}") ?? "";
        if (before.Length > 0 && before != (obj.GetString($"spec.{field}") ?? ""))
        {
            errors.Forbidden($"spec.{field}", explanation);
        }
    }
}
