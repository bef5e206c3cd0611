using System.Text.Json.Nodes;
using Modular.ApiMachinery;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>Network policies: who may talk with which pods.</summary>
internal sealed class NetworkPolicyStrategy : IResourceStrategy
{
    private NetworkPolicyStrategy()
    {
    }

    public static NetworkPolicyStrategy Instance { get; } = new();

    public void Default(JsonObject obj)
    {
        if (obj.GetObject("spec") is not { } spec)
        {
            return;
        }

        if (spec.GetArray("policyTypes") is null or { Count: 0 })
        {
            spec["policyTypes"] = spec.GetArray("egress") is { Count: > 0 } ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
        }
    }

    public void Validate(StrategyContext context, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj.GetObject("spec") is not { } spec)
        {
            return;
        }

        ValidateSelector(spec, "podSelector", errors);
        foreach (var (rules, peers) in (ReadOnlySpan<(string, string)>)[("ingress", "from"), ("egress", "to")])
        {
            foreach (var rule in spec.Objects(rules))
            {
                foreach (var port in rule.Objects("ports"))
                {
                    ValidatePort(port, errors);
                }

                foreach (var peer in rule.Objects(peers))
                {
                    ValidatePeer(peer, errors);
                }
            }
        }
    }

    private static void ValidatePort(JsonObject port, FieldErrors errors)
    {
        if (port.GetString("port") is { } name)
        {
            errors.InvalidAll(port, "port", name, NameRules.PortName(name));
        }
        else if (port.GetInt64("port") is { } number)
        {
            errors.InvalidAll(port, "port", number, NameRules.PortNumber(number));
        }

        if (port.GetInt64("endPort") is { } last && port.GetInt64("port") is var first && (first is null || last < first))
        {
            errors.Invalid(port.FieldPath("endPort"), last, first is null ? "may not be specified when `port` is not specified or not a number" : "must be greater than or equal to `port`");
        }
    }

    private static void ValidatePeer(JsonObject peer, FieldErrors errors)
    {
        if (peer.Count == 0)
        {
            errors.Required(JsonPaths.PathOf(peer), "must specify a peer");
        }
        else if (peer.GetObject("ipBlock") is { } block)
        {
            ValidateBlock(peer, block, errors);
        }

        ValidateSelector(peer, "podSelector", errors);
        ValidateSelector(peer, "namespaceSelector", errors);
    }

    private static void ValidateBlock(JsonObject peer, JsonObject block, FieldErrors errors)
    {
        if (peer.Count > 1)
        {
            errors.Forbidden(JsonPaths.PathOf(peer), "may not specify both ipBlock and another peer");
        }

        if (block.GetString("cidr") is not { } range)
        {
            return;
        }

        if (range.Length == 0)
        {
            errors.Required(block.FieldPath("cidr"));
        }
        else if (!System.Net.IPNetwork.TryParse(range, out _))
        {
            errors.Invalid(block.FieldPath("cidr"), range, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }
    }

    private static void ValidateSelector(JsonObject obj, string field, FieldErrors errors)
    {
        if (obj.GetObject(field) is { } selector)
        {
            _ = LabelSelector.From(selector, obj.FieldPath(field), errors);
        }
    }
}
