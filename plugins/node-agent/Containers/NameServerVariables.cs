using Modular.Abstractions;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>
/// Tells plain processes, whose resolver file is the machine's own and knows no ports, of the cluster's name server. What the pod itself sets
/// stays.
/// </summary>
internal static class NameServerVariables
{
    private const string Server = "MODULAR_DNS";
    private const string Search = "MODULAR_DNS_SEARCH";

    public static void AddTo(Dictionary<string, string> variables, Pod pod, ClusterNetwork network)
    {
        var resolver = PodResolver.Of(pod, network, new PodResolver());
        if (resolver.Nameservers.Contains(network.DnsAddress))
        {
            variables.TryAdd(Server, $"{network.DnsAddress}:{network.DnsPort}");
            variables.TryAdd(Search, string.Join(' ', resolver.Searches));
        }
    }
}
