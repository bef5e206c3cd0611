using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Resource claims: which devices a pod is to have. What is asked for is fixed.</summary>
internal sealed class ResourceClaimStrategy : ObservedStrategy
{
    private ResourceClaimStrategy()
    {
    }

    public static ResourceClaimStrategy Instance { get; } = new();

    public override void Default(JsonObject obj) => DeviceRequests.Default(obj.GetObject("spec"));

    protected override void Validate(JsonObject spec, JsonObject? old, FieldErrors errors) =>
        DeviceRequests.Validate(spec, errors);
}
