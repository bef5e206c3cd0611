using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>What a service uses besides being one.</summary>
internal static class ServiceUsage
{
    public static void Add(JsonObject spec, Dictionary<string, Quantity> usage)
    {
        var type = spec["type"].AsString();
        if (type == "LoadBalancer")
        {
            usage["services.loadbalancers"] = Quantity.From(1);
        }

        if (type is "NodePort" or "LoadBalancer")
        {
            var all = type == "NodePort" || spec["allocateLoadBalancerNodePorts"].AsBoolean() is not false;
            usage["services.nodeports"] = Quantity.From(spec.Objects("ports").Count(port => all || port["nodePort"].AsInt64() > 0));
        }
    }
}
