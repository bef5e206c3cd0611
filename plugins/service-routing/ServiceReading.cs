using System.Net;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Models;

namespace Modular.Plugins.ServiceRouting;

/// <summary>Puts a service and its endpoint slices together into what receivers get.</summary>
internal static class ServiceReading
{
    private const string ProxyNameLabel = "service.kubernetes.io/service-proxy-name";

    public static ServiceRecord Read(ApiObject obj, IReadOnlyCollection<ApiObject> slices)
    {
        var service = obj.AsService();
        var spec = service.Spec;
        var addresses = ClusterAddresses(spec);
        return new ServiceRecord
        {
            Uid = service.Metadata.Uid,
            Namespace = service.Metadata.Namespace,
            Name = service.Metadata.Name,
            ClusterAddresses = addresses,
            ExternalAddresses = spec.ExternalIPs,
            ExternalName = spec.Type == "ExternalName" ? spec.ExternalName : "",
            ProxyName = service.Metadata.Labels.GetValueOrDefault(ProxyNameLabel, ""),
            ClientAffinity = spec.SessionAffinity == "ClientIP"
                ? TimeSpan.FromSeconds(spec.SessionAffinityConfig.ClientIP.TimeoutSeconds)
                : TimeSpan.Zero,
            Ports = Ports(spec, slices, isHeadless: addresses.Count == 0),
        };
    }

    private static IReadOnlyList<string> ClusterAddresses(ServiceSpec spec)
    {
        if (spec.Type == "ExternalName" || spec.ClusterIP is "" or "None")
        {
            return [];
        }

        return spec.ClusterIPs.Count > 0 ? spec.ClusterIPs : [spec.ClusterIP];
    }

    private static List<ServicePortRecord> Ports(ServiceSpec spec, IReadOnlyCollection<ApiObject> slices, bool isHeadless)
    {
        var ports = new List<ServicePortRecord>(spec.Ports.Count);
        foreach (var port in spec.Ports)
        {
            ports.Add(new ServicePortRecord
            {
                Name = port.Name,
                Protocol = port.Protocol,
                Port = port.Port,
                NodePort = spec.Type is "NodePort" or "LoadBalancer" ? port.NodePort : 0,
                AppProtocol = port.AppProtocol,
                Endpoints = Endpoints(slices, port, isHeadless),
            });
        }

        if (ports.Count == 0 && isHeadless && spec.Type != "ExternalName")
        {
            ports.Add(new ServicePortRecord { Port = 0, Endpoints = Endpoints(slices, null, isHeadless) });
        }

        return ports;
    }

    private static List<EndpointRecord> Endpoints(IReadOnlyCollection<ApiObject> slices, ServicePort? port, bool isHeadless)
    {
        // An endpoint that moves from one slice to another is in both for a moment.
        var found = new Dictionary<(string Address, int Port), Candidate>();
        foreach (var slice in slices)
        {
            var model = slice.AsEndpointSlice();
            if (model.AddressType == "FQDN" || !TryNumber(model, port, out var number))
            {
                continue;
            }

            foreach (var endpoint in model.Endpoints)
            {
                if (endpoint.Addresses.Count == 0)
                {
                    continue;
                }

                var key = (endpoint.Addresses[0], number);
                var candidate = Candidate.Of(endpoint, number);
                found[key] = found.TryGetValue(key, out var other) ? candidate.Or(other) : candidate;
            }
        }

        var anyReady = isHeadless;
        foreach (var candidate in found.Values)
        {
            anyReady |= candidate.Record.Ready;
        }

        var endpoints = new List<EndpointRecord>(found.Count);
        foreach (var candidate in found.Values)
        {
            // Endpoints that end but still serve are better than none.
            endpoints.Add(!anyReady && candidate.ServesWhileEnding ? candidate.Record with { Ready = true } : candidate.Record);
        }

        endpoints.Sort(static (left, right) =>
            string.CompareOrdinal(left.Address, right.Address) is var order and not 0 ? order : left.Port.CompareTo(right.Port));
        return endpoints;
    }

    private static bool TryNumber(EndpointSlice slice, ServicePort? port, out int number)
    {
        number = 0;
        if (port is null)
        {
            return true;
        }

        foreach (var candidate in slice.Ports)
        {
            if (candidate.Name == port.Name && candidate.Protocol == port.Protocol && candidate.Port is > 0 and <= IPEndPoint.MaxPort)
            {
                number = candidate.Port;
                return true;
            }
        }

        return false;
    }

    private readonly record struct Candidate(EndpointRecord Record, bool ServesWhileEnding)
    {
        public static Candidate Of(Endpoint endpoint, int port)
        {
            var ready = endpoint.Conditions.Ready ?? true;
            return new Candidate(
                new EndpointRecord(endpoint.Addresses[0], port) { Ready = ready, Hostname = endpoint.Hostname, NodeName = endpoint.NodeName },
                (endpoint.Conditions.Serving ?? ready) && endpoint.Conditions.Terminating == true);
        }

        public Candidate Or(Candidate other) => Record.Ready || !other.Record.Ready ? this : other;
    }
}
