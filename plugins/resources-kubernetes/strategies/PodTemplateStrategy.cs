using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Templates of pods that stand for themselves.</summary>
internal sealed class PodTemplateStrategy : IResourceStrategy
{
    private PodTemplateStrategy()
    {
    }

    public static PodTemplateStrategy Instance { get; } = new();

    public void Default(JsonObject obj) => PodTemplateRules.Default(obj, "template");

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj.GetObject("template.spec") is { } pods)
        {
            PodSpecRules.Validate(pods, errors);
        }
    }
}
