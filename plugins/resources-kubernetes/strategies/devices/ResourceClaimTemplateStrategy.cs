using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Templates of resource claims. They stay as they are.</summary>
internal sealed class ResourceClaimTemplateStrategy : IResourceStrategy
{
    private ResourceClaimTemplateStrategy()
    {
    }

    public static ResourceClaimTemplateStrategy Instance { get; } = new();

    public void Default(JsonObject obj) => DeviceRequests.Default(obj.GetObject("spec.spec"));

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj.GetObject("spec.spec") is { } claim)
        {
            DeviceRequests.Validate(claim, errors);
        }
    }
}
