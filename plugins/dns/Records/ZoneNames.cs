using System.Net.Sockets;
using System.Text;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Records;

/// <summary>The names that are there without any service.</summary>
internal static class ZoneNames
{
    /// <summary>The version of Kubernetes' DNS specification that is followed.</summary>
    private const string SpecificationVersion = "1.1.0";

    public static IReadOnlyDictionary<byte[], NameRecords> Of(Zone zone)
    {
        var text = Encoding.ASCII.GetBytes(SpecificationVersion);
        var address = zone.Address.GetAddressBytes();
        return new Dictionary<byte[], NameRecords>(WireNameComparer.Instance)
        {
            [zone.Domain] = new() { NameServers = [zone.NameServer] },
            [zone.Services] = NameRecords.None,
            [zone.Pods] = NameRecords.None,
            [WireName.Below(zone.Domain, "dns")] = NameRecords.None,
            [zone.NameServer] = zone.Address.AddressFamily == AddressFamily.InterNetwork
                ? new() { Addresses4 = address }
                : new() { Addresses6 = address },
            [WireName.Below(zone.Domain, "dns-version")] = new() { Text = [(byte)text.Length, .. text] },
        };
    }
}
