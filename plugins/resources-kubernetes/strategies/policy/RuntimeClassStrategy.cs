using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Runtime classes: names for ways to run containers.</summary>
internal sealed class RuntimeClassStrategy : IResourceStrategy
{
    private RuntimeClassStrategy()
    {
    }

    public static RuntimeClassStrategy Instance { get; } = new();

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj.GetString("handler") is { } handler)
        {
            errors.InvalidAll("handler", handler, NameRules.Dns1123Label(handler));
        }

        foreach (var toleration in obj.GetObject("scheduling") is { } scheduling ? scheduling.Objects("tolerations") : [])
        {
            FieldRules.Name(toleration, "key", NameRules.QualifiedName, errors);
        }
    }
}
