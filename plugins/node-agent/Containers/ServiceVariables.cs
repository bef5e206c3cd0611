using System.Globalization;
using Modular.Models;

namespace Modular.Plugins.NodeAgent.Containers;

/// <summary>The services that a container finds in its environment: those of its namespace if its pod wants them, and the API's always.</summary>
internal static class ServiceVariables
{
    private const string ApiNamespace = "default";
    private const string ApiName = "kubernetes";

    /// <summary>Adds them to an environment; what is there already stays.</summary>
    public static void Add(Dictionary<string, string> variables, Pod pod, IReadOnlyList<Service> services)
    {
        foreach (var service in services)
        {
            var isApi = service.Metadata is { Namespace: ApiNamespace, Name: ApiName };
            var isWanted = pod.Spec.EnableServiceLinks != false && service.Metadata.Namespace == pod.Metadata.Namespace;
            if ((isApi || isWanted) && service.Spec is { ClusterIP: not ("" or "None"), Ports.Count: > 0 })
            {
                Add(variables, service);
            }
        }
    }

    private static void Add(Dictionary<string, string> variables, Service service)
    {
        var name = Variable(service.Metadata.Name);
        var address = service.Spec.ClusterIP;
        var first = service.Spec.Ports[0];
        variables.TryAdd($"{name}_SERVICE_HOST", address);
        variables.TryAdd($"{name}_SERVICE_PORT", Number(first));
        variables.TryAdd($"{name}_PORT", Uri(address, first));
        foreach (var port in service.Spec.Ports)
        {
            if (port.Name.Length > 0)
            {
                variables.TryAdd($"{name}_SERVICE_PORT_{Variable(port.Name)}", Number(port));
            }

            var prefix = $"{name}_PORT_{Number(port)}_{port.Protocol.ToUpperInvariant()}";
            variables.TryAdd(prefix, Uri(address, port));
            variables.TryAdd($"{prefix}_PROTO", port.Protocol.ToLowerInvariant());
            variables.TryAdd($"{prefix}_PORT", Number(port));
            variables.TryAdd($"{prefix}_ADDR", address);
        }
    }

    private static string Variable(string name) => name.ToUpperInvariant().Replace('-', '_');

    private static string Number(ServicePort port) => port.Port.ToString(CultureInfo.InvariantCulture);

    private static string Uri(string address, ServicePort port) => $"{port.Protocol.ToLowerInvariant()}://{address}:{Number(port)}";
}
