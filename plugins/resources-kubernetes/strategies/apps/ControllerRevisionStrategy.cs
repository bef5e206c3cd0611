using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Controller revisions: what a controller made its pods of, at a time. It stays as it is.</summary>
internal sealed class ControllerRevisionStrategy : IResourceStrategy
{
    private ControllerRevisionStrategy()
    {
    }

    public static ControllerRevisionStrategy Instance { get; } = new();

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        FieldRules.NotNegative(obj, "revision", errors);
        if (obj["data"] is null)
        {
            errors.Required("data", "data is mandatory");
        }
    }
}
