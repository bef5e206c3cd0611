using Modular.Plugins.ResourcesKubernetes.Columns;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Kinds;

/// <summary>The kinds of how pods are reached, but for services.</summary>
internal static class NetworkingKinds
{
    public static Dictionary<string, KindRules> All() => new(StringComparer.Ordinal)
    {
        ["discovery.k8s.io/v1/endpointslices"] = new()
        {
            Strategy = EndpointSliceStrategy.Instance,
            Table = EndpointSliceTable.Instance,
        },
        ["networking.k8s.io/v1/ingresses"] = new()
        {
            Strategy = IngressStrategy.Instance,
            Table = NetworkingTables.Ingress,
        },
        ["networking.k8s.io/v1/ingressclasses"] = new()
        {
            Strategy = IngressClassStrategy.Instance,
            Table = NetworkingTables.IngressClass,
        },
        ["networking.k8s.io/v1/networkpolicies"] = new()
        {
            Strategy = NetworkPolicyStrategy.Instance,
            Table = NetworkingTables.NetworkPolicy,
        },
        ["networking.k8s.io/v1/servicecidrs"] = new()
        {
            Strategy = ServiceCidrStrategy.Instance,
            Table = NetworkingTables.ServiceCidr,
            TracksGeneration = false,
        },
        ["networking.k8s.io/v1/ipaddresses"] = new()
        {
            Strategy = IPAddressStrategy.Instance,
            Table = NetworkingTables.IPAddress,
            TracksGeneration = false,
            NameRule = IPAddressStrategy.NameRule,
        },
    };
}
