using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>What an update of a service keeps of what the service was given, and what a change of its type takes away.</summary>
internal static class ServiceTransitions
{
    /// <summary>Who replaces a service need not know what it was given.</summary>
    public static void CarryOver(JsonObject spec, JsonObject old)
    {
        if (HasAddress(spec) && HasAddress(old) && (spec.GetString("clusterIP") ?? "").Length == 0)
        {
            Copy("clusterIP");
            if (spec.GetArray("clusterIPs") is null or { Count: 0 })
            {
                Copy("clusterIPs");
            }
        }

        if (NodePortRules.AreAllowed(spec) && NodePortRules.AreAllowed(old))
        {
            CarryOverPorts(spec, old);
        }

        if (NodePortRules.HasHealthCheck(spec) && NodePortRules.HasHealthCheck(old) && spec.GetInt64("healthCheckNodePort") is null or 0)
        {
            Copy("healthCheckNodePort");
        }

        void Copy(string field)
        {
            if (old[field] is { } value)
            {
                spec[field] = value.DeepClone();
            }
        }
    }

    /// <summary>What the new type has no use for goes, unless the update changed it and so means it.</summary>
    public static void Drop(JsonObject spec, JsonObject old)
    {
        if (HasAddress(old) && !HasAddress(spec) && Same("clusterIP") && Same("clusterIPs"))
        {
            spec.Remove("clusterIP");
            spec.Remove("clusterIPs");
            spec.Remove("ipFamilies");
            spec.Remove("ipFamilyPolicy");
        }

        if (NodePortRules.AreAllowed(old) && !NodePortRules.AreAllowed(spec))
        {
            DropPorts(spec, old);
            if (Same("externalTrafficPolicy"))
            {
                spec.Remove("externalTrafficPolicy");
            }
        }

        if (NodePortRules.HasHealthCheck(old) && !NodePortRules.HasHealthCheck(spec) && Same("healthCheckNodePort"))
        {
            spec.Remove("healthCheckNodePort");
        }

        if (old.GetString("type") == "LoadBalancer" && spec.GetString("type") != "LoadBalancer")
        {
            spec.Remove("allocateLoadBalancerNodePorts");
        }

        bool Same(string field) => JsonNode.DeepEquals(spec[field], old[field]);
    }

    private static bool HasAddress(JsonObject spec) => spec.GetString("type") != "ExternalName";

    private static void CarryOverPorts(JsonObject spec, JsonObject old)
    {
        var chosen = spec.Objects("ports").Select(port => port.GetInt64("nodePort") ?? 0).ToHashSet();
        foreach (var port in spec.Objects("ports"))
        {
            if (port.GetInt64("nodePort") is null or 0
                && Counterpart(port, old)?.GetInt64("nodePort") is > 0 and var given
                && !chosen.Contains(given))
            {
                port["nodePort"] = given;
            }
        }
    }

    private static void DropPorts(JsonObject spec, JsonObject old)
    {
        foreach (var port in spec.Objects("ports"))
        {
            if (Counterpart(port, old)?.GetInt64("nodePort") == port.GetInt64("nodePort"))
            {
                port.Remove("nodePort");
            }
        }
    }

    private static JsonObject? Counterpart(JsonObject port, JsonObject old) => old.Objects("ports").FirstOrDefault(other =>
        other.GetInt64("port") == port.GetInt64("port") && (other.GetString("protocol") ?? "TCP") == (port.GetString("protocol") ?? "TCP"));
}
