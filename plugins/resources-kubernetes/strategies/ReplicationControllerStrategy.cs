using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Replication controllers: a count, a selector and the template of the pods that are kept running.</summary>
internal sealed class ReplicationControllerStrategy : IResourceStrategy
{
    private ReplicationControllerStrategy()
    {
    }

    public static ReplicationControllerStrategy Instance { get; } = new();

    public void Default(JsonObject obj)
    {
        PodTemplateRules.Default(obj);

        if (obj.GetObject("spec.template.metadata.labels") is not { Count: > 0 } labels)
        {
            return;
        }

        if (obj.GetObject("spec.selector") is null or { Count: 0 })
        {
            obj.Set("spec.selector", labels.DeepClone());
        }

        if (obj.GetObject("metadata.labels") is null or { Count: 0 })
        {
            obj.Set("metadata.labels", labels.DeepClone());
        }
    }

    public ValueTask PrepareForCreateAsync(StrategyContext context, JsonObject obj, CancellationToken cancellationToken)
    {
        obj["status"] = new JsonObject { ["replicas"] = 0 };
        return ValueTask.CompletedTask;
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (context.Subresource == "status" || obj.GetObject("spec") is not { } spec)
        {
            return;
        }

        FieldRules.NotNegative(spec, "replicas", errors);
        FieldRules.NotNegative(spec, "minReadySeconds", errors);
        var selector = spec.GetStringMap("selector");
        if (selector.Count == 0)
        {
            errors.Required("spec.selector");
        }

        if (spec.GetObject("template") is not { } template)
        {
            errors.Required("spec.template");
            return;
        }

        if (selector.Count > 0 && !LabelSelector.FromMap(selector).Matches(template.GetStringMap("metadata.labels")))
        {
            errors.Invalid(
                "spec.template.metadata.labels",
                template.GetObject("metadata.labels") ?? [],
                "`selector` does not match template `labels`");
        }

        PodTemplateRules.ValidateLasting(spec, "ReplicationController", errors);
    }
}
