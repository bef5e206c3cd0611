using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Storage classes: kinds of volumes, and who makes them. Only whether volumes grow may change.</summary>
internal sealed class StorageClassStrategy : IResourceStrategy
{
    private StorageClassStrategy()
    {
    }

    public static StorageClassStrategy Instance { get; } = new();

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj.GetString("provisioner") is "")
        {
            errors.Required("provisioner");
        }

        if (old is null)
        {
            return;
        }

        if (!FieldRules.Same(obj["parameters"], old["parameters"]))
        {
            errors.Forbidden("parameters", "updates to parameters are forbidden.");
        }

        if (!JsonNode.DeepEquals(obj["provisioner"], old["provisioner"]))
        {
            errors.Forbidden("provisioner", "updates to provisioner are forbidden.");
        }

        if (!JsonNode.DeepEquals(obj["reclaimPolicy"], old["reclaimPolicy"]))
        {
            errors.Forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden.");
        }
    }
}
