using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Horizontal pod autoscalers: how many pods there are follows from what they have to do.</summary>
internal sealed class HorizontalPodAutoscalerStrategy : ObservedStrategy
{
    private HorizontalPodAutoscalerStrategy()
    {
    }

    public static HorizontalPodAutoscalerStrategy Instance { get; } = new();

    protected override JsonObject FirstStatus => new() { ["desiredReplicas"] = 0 };

    public override void Default(JsonObject obj)
    {
        if (obj.GetObject("spec") is not { } spec)
        {
            return;
        }

        spec["minReplicas"] ??= 1;
        if (spec.GetArray("metrics") is null or { Count: 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = "cpu",
                    ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 },
                },
            });
        }
    }

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        FieldRules.Positive(spec, "minReplicas", errors);
        FieldRules.Positive(spec, "maxReplicas", errors);
        if (spec.GetInt64("maxReplicas") is { } most && most < (spec.GetInt64("minReplicas") ?? 1))
        {
            errors.Invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
        }

        foreach (var field in (ReadOnlySpan<string>)["kind", "name"])
        {
            if (spec.GetString($"scaleTargetRef.{field}") is "")
            {
                errors.Required($"spec.scaleTargetRef.{field}");
            }
        }
    }
}
