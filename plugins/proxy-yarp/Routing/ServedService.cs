using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;

namespace Modular.Plugins.ProxyYarp.Routing;

/// <summary>A service as it is known now: a route for each port, which outlives changes, and where it is to answer.</summary>
internal sealed class ServedService(Drains drains, TimeProvider time)
{
    private readonly Dictionary<(string Protocol, int Port), PortRoute> _routes = [];

    /// <summary>What was told last.</summary>
    public ServiceRecord Record { get; private set; } = new() { Uid = "", Namespace = "", Name = "" };

    /// <summary>Where it answers now; what of <see cref="Wanted"/> is missing could not be had.</summary>
    public HashSet<PortBinding> Held { get; } = [];

    /// <summary>Where it is to answer.</summary>
    public List<PortBinding> Wanted { get; } = [];

    /// <summary>What cannot be served.</summary>
    public List<ServiceProblem> Problems { get; } = [];

    /// <summary>Takes in what is known now.</summary>
    public void Update(ServiceRecord record, IReadOnlyList<IPAddress> nodeAddresses)
    {
        Record = record;
        Wanted.Clear();
        Problems.Clear();
        var gone = new HashSet<(string, int)>(_routes.Keys);
        if (record.ProxyName.Length == 0 && (record.ClusterAddresses.Count > 0 || record.ExternalAddresses.Count > 0))
        {
            foreach (var port in record.Ports)
            {
                gone.Remove((port.Protocol, port.Port));
                Add(port, nodeAddresses);
            }
        }

        foreach (var key in gone)
        {
            _routes.Remove(key, out var route);
            route!.Close();
        }
    }

    /// <summary>Whether the service leads to an address.</summary>
    public bool LeadsTo(IPAddress address)
    {
        foreach (var route in _routes.Values)
        {
            foreach (var backend in route.Ready)
            {
                if (backend.EndPoint.Address.Equals(address))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The service is gone: nothing takes new connections.</summary>
    public void Close()
    {
        foreach (var route in _routes.Values)
        {
            route.Close();
        }
    }

    // A connection that led back here would be carried again and again, until no more are permitted.
    private ServicePortRecord WithoutItself(ServicePortRecord port, IReadOnlyList<IPAddress> nodeAddresses, string name)
    {
        var others = port.Endpoints.Where(endpoint => !IsItself(endpoint)).ToList();
        if (others.Count < port.Endpoints.Count)
        {
            Problems.Add(new ServiceProblem(
                Record.Uid, name, "EndpointNotServed", "an endpoint is the service itself, at its own address and port; name those of what serves"));
        }

        return others.Count < port.Endpoints.Count ? port with { Endpoints = others } : port;

        bool IsItself(EndpointRecord endpoint) =>
            (endpoint.Port == port.Port && (Record.ClusterAddresses.Contains(endpoint.Address) || Record.ExternalAddresses.Contains(endpoint.Address)))
            || (endpoint.Port == port.NodePort && nodeAddresses.Any(address => address.ToString() == endpoint.Address));
    }

    private void Add(ServicePortRecord port, IReadOnlyList<IPAddress> nodeAddresses)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{port.Port}/{port.Protocol}");
        if (port.Protocol is not ("TCP" or "UDP"))
        {
            Problems.Add(new ServiceProblem(Record.Uid, name, "ProtocolNotSupported", $"{port.Protocol} is not carried; TCP and UDP are"));
            return;
        }

        if (!_routes.TryGetValue((port.Protocol, port.Port), out var route))
        {
            _routes[(port.Protocol, port.Port)] = route = new PortRoute(drains, time);
        }

        route.Update(WithoutItself(port, nodeAddresses, name), Record.ClientAffinity);
        if (port.Port is < 0 or > IPEndPoint.MaxPort || port.NodePort is < 0 or > IPEndPoint.MaxPort)
        {
            Problems.Add(new ServiceProblem(Record.Uid, name, "PortOutOfRange", $"ports end at {IPEndPoint.MaxPort}; port is {port.Port}, nodePort {port.NodePort}"));
            return;
        }

        var transport = port.Protocol == "UDP" ? ProtocolType.Udp : ProtocolType.Tcp;
        Bind(Record.ClusterAddresses);
        Bind(Record.ExternalAddresses);
        if (port.NodePort > 0)
        {
            foreach (var address in nodeAddresses)
            {
                Wanted.Add(new PortBinding(new IPEndPoint(address, port.NodePort), transport, route, name));
            }
        }

        void Bind(IReadOnlyList<string> addresses)
        {
            foreach (var text in addresses)
            {
                if (IPAddress.TryParse(text, out var address))
                {
                    Wanted.Add(new PortBinding(new IPEndPoint(address, port.Port), transport, route, name));
                }
                else
                {
                    Problems.Add(new ServiceProblem(Record.Uid, name, "AddressNotAvailable", $"\"{text}\" is not an IP address"));
                }
            }
        }
    }
}
