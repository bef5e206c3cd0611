using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Pods: what they are made of is fixed when they are created, and they end gracefully once they have a node.</summary>
internal sealed class PodStrategy : IResourceStrategy
{
    private const long DefaultGraceSeconds = 30;

    private PodStrategy()
    {
    }

    public static PodStrategy Instance { get; } = new();

    public void Default(JsonObject obj)
    {
        if (obj.GetObject("spec") is { } spec)
        {
            PodSpecDefaults.ApplyToPod(spec);
        }
    }

    public ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken)
    {
        obj["status"] = new JsonObject
        {
            ["phase"] = "Pending",
            ["qosClass"] = obj.GetObject("spec") is { } spec ? PodQualityOfService.Of(spec) : "BestEffort",
        };
        if (obj.GetObject("spec") is { } wanted)
        {
            DefaultTolerations.Apply(wanted);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask PrepareForUpdateAsync(
        StrategyContext context, JsonObject obj, JsonObject old, CancellationToken cancellationToken)
    {
        // Nodes report status as a whole and need not know the class.
        if (obj.GetString("status.qosClass") is null && old.GetString("status.qosClass") is { } quality)
        {
            obj.Set("status.qosClass", quality);
        }

        return ValueTask.CompletedTask;
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (context.Subresource == "status" || obj.GetObject("spec") is not { } spec)
        {
            return;
        }

        PodSpecRules.Validate(spec, errors);
        if (old is null && spec.GetArray("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden(spec.FieldPath("ephemeralContainers"), "cannot be set on create");
        }

        if (old?.GetObject("spec") is not { } oldSpec)
        {
            return;
        }

        switch (context.Subresource)
        {
            case "ephemeralcontainers":
                EphemeralContainerRules.Validate(spec, oldSpec, errors);
                break;
            case "resize":
                PodResizeRules.Validate(spec, oldSpec, errors);
                break;
            default:
                PodUpdateRules.Validate(spec, oldSpec, errors);
                break;
        }
    }

    public long? GracePeriodSeconds(StrategyContext context, JsonObject obj, long? requestedGraceSeconds)
    {
        // Nothing runs: nothing needs time to end.
        if (obj.GetString("spec.nodeName") is null or "" || obj.GetString("status.phase") is "Succeeded" or "Failed")
        {
            return 0;
        }

        var grace = requestedGraceSeconds ?? obj.GetInt64("spec.terminationGracePeriodSeconds") ?? DefaultGraceSeconds;
        return grace < 0 ? 1 : grace;
    }
}
