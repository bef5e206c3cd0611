using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Strategies;

namespace Modular.Plugins.ResourcesKubernetes.Allocation;

/// <summary>What a service holds of what all services share.</summary>
/// <param name="Addresses">Its virtual addresses.</param>
/// <param name="NodePorts">Its ports at every node, each once.</param>
internal sealed record ServiceHoldings(IReadOnlySet<long> Addresses, IReadOnlySet<long> NodePorts)
{
    public static ServiceHoldings None { get; } = new(new HashSet<long>(), new HashSet<long>());

    public static ServiceHoldings Of(JsonObject service)
    {
        var addresses = new HashSet<long>();
        foreach (var text in service.Strings("spec.clusterIPs").Append(service.GetString("spec.clusterIP") ?? ""))
        {
            if (AddressPool.Number(text) is { } address)
            {
                addresses.Add(address);
            }
        }

        var ports = new HashSet<long>();
        foreach (var port in service.Objects("spec.ports"))
        {
            if (port.GetInt64("nodePort") is > 0 and var number)
            {
                ports.Add(number);
            }
        }

        if (service.GetInt64("spec.healthCheckNodePort") is > 0 and var healthCheck)
        {
            ports.Add(healthCheck);
        }

        return new ServiceHoldings(addresses, ports);
    }
}
