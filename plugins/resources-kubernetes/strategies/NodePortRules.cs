using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Which services have ports at every node.</summary>
internal static class NodePortRules
{
    /// <summary>Whether a service may have node ports.</summary>
    public static bool AreAllowed(JsonObject spec) => spec.GetString("type") is "NodePort" or "LoadBalancer";

    /// <summary>Whether those it does not choose are given to it.</summary>
    public static bool AreAllocated(JsonObject spec) => spec.GetString("type") switch
    {
        "NodePort" => true,
        "LoadBalancer" => spec.GetBoolean("allocateLoadBalancerNodePorts") ?? true,
        _ => false,
    };

    /// <summary>Whether load balancers ask nodes if they have endpoints of the service.</summary>
    public static bool HasHealthCheck(JsonObject spec) =>
        spec.GetString("type") == "LoadBalancer" && spec.GetString("externalTrafficPolicy") == "Local";
}
