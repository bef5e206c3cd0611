using System.Globalization;
using System.Text.Json.Nodes;

namespace Modular.Plugins.ResourcesKubernetes.Strategies;

/// <summary>services/proxy: one of the servers that are ready behind a service, by the name or the number of the service's port.</summary>
internal sealed class ServiceProxyConnect : ISubresourceConnect
{
    private ServiceProxyConnect()
    {
    }

    public static ServiceProxyConnect Instance { get; } = new();

    public static GroupVersionResource Endpoints { get; } = new("", "v1", "endpoints");

    public NodeRequest Resolve(ConnectQuestion question)
    {
        var service = question.Object.ToJsonObject();
        var name = service.GetString("metadata.name") ?? "";
        var port = PortName(service, name, question.Port);
        var candidates = (question.Beside?.ToJsonObject().Objects("subsets") ?? []).SelectMany(subset => Of(subset, port)).ToList();
        if (candidates.Count == 0)
        {
            throw new ApiException(StatusReason.ServiceUnavailable, $"no endpoints available for service \"{name}\"");
        }

        var (ip, number) = candidates[Random.Shared.Next(candidates.Count)];
        return ProxyAddress.Of(question.Scheme, ip, number);
    }

    private static IEnumerable<(string Address, long? Port)> Of(JsonObject subset, string portName) =>
        from port in subset.Objects("ports")
        where (port.GetString("name") ?? "") == portName
        from address in subset.Objects("addresses")
        select (address.GetString("ip") ?? "", port.GetInt64("port"));

    private static string PortName(JsonObject service, string name, string asked)
    {
        if (ProxyAddress.Number(asked) is not { } number)
        {
            return asked;
        }

        var port = service.Objects("spec.ports").FirstOrDefault(port => port.GetInt64("port") == number) ?? throw new ApiException(
            StatusReason.ServiceUnavailable, string.Create(CultureInfo.InvariantCulture, $"no service port {number} found for service \"{name}\""));
        return port.GetString("name") ?? "";
    }
}
