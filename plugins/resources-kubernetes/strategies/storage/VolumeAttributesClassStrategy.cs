using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Volume attributes classes: what volumes of a driver can be told. They stay as they are.</summary>
internal sealed class VolumeAttributesClassStrategy : IResourceStrategy
{
    private VolumeAttributesClassStrategy()
    {
    }

    public static VolumeAttributesClassStrategy Instance { get; } = new();

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj.GetString("driverName") is "")
        {
            errors.Required("driverName");
        }

        if (old is not null && (!JsonNode.DeepEquals(obj["driverName"], old["driverName"]) || !FieldRules.Same(obj["parameters"], old["parameters"])))
        {
            errors.Forbidden("driverName", "updates to driverName and parameters are forbidden.");
        }
    }
}
