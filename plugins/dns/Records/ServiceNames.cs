using System.Net;
using System.Net.Sockets;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Records;

/// <summary>The names that one service gives rise to, as Kubernetes' DNS specification lays them down.</summary>
internal sealed class ServiceNames
{
    private readonly Dictionary<byte[], NameRecords> _records = new(WireNameComparer.Instance);
    private readonly ServiceRecord _service;
    private readonly byte[] _name;

    private ServiceNames(ServiceRecord service, Zone zone)
    {
        _service = service;
        var ns = WireName.Below(zone.Services, service.Namespace);
        _name = WireName.Below(ns, service.Name);
        Add(ns, NameRecords.None);
    }

    /// <summary>What stands at each name.</summary>
    /// <exception cref="FormatException">A name or an address of it cannot stand in DNS.</exception>
    public static IReadOnlyDictionary<byte[], NameRecords> Of(ServiceRecord service, Zone zone)
    {
        var names = new ServiceNames(service, zone);
        if (service.ExternalName.Length > 0)
        {
            names.Add(names._name, new NameRecords { Alias = WireName.Encode(service.ExternalName) });
        }
        else if (service.ClusterAddresses.Count > 0)
        {
            names.AddClusterAddresses();
        }
        else
        {
            names.AddEndpoints();
        }

        return names._records;
    }

    private void AddClusterAddresses()
    {
        foreach (var text in _service.ClusterAddresses)
        {
            AddAddress(_name, IPAddress.Parse(text));
        }

        foreach (var port in _service.Ports.Where(port => port.Name.Length > 0))
        {
            AddPlaces(port, [new ServicePlace(_name, (ushort)port.Port)]);
        }
    }

    /// <summary>A service without an address of its own is its endpoints, each with a name below the service's.</summary>
    private void AddEndpoints()
    {
        Add(_name, NameRecords.None);
        foreach (var port in _service.Ports)
        {
            var places = new List<ServicePlace>(port.Endpoints.Count);
            foreach (var endpoint in port.Endpoints.Where(endpoint => endpoint.Ready))
            {
                var address = IPAddress.Parse(endpoint.Address);
                var name = WireName.Below(_name, endpoint.Hostname.Length > 0 ? endpoint.Hostname : DashedAddress.Write(address));
                Add(_name, AddressRecord(address));
                AddAddress(name, address);
                places.Add(new ServicePlace(name, (ushort)endpoint.Port));
            }

            if (port.Name.Length > 0)
            {
                AddPlaces(port, places);
            }
        }
    }

    private void AddPlaces(ServicePortRecord port, IReadOnlyList<ServicePlace> places)
    {
        var protocol = WireName.Below(_name, "_" + port.Protocol);
        Add(protocol, NameRecords.None);
        Add(WireName.Below(protocol, "_" + port.Name), new NameRecords { Places = [.. places.Distinct()] });
    }

    private void AddAddress(byte[] name, IPAddress address)
    {
        Add(name, AddressRecord(address));
        Add(WireName.Reverse(address), new NameRecords { Pointers = [name] });
    }

    private static NameRecords AddressRecord(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? new NameRecords { Addresses4 = address.GetAddressBytes() }
        : new NameRecords { Addresses6 = address.GetAddressBytes() };

    private void Add(byte[] name, NameRecords records) =>
        _records[name] = _records.TryGetValue(name, out var known) ? NameRecords.Merge(known, records) : records;
}
