using System.Buffers.Binary;
using System.Net;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Records;

/// <summary>The names that this server alone knows: the cluster's domain and its address ranges read backwards.</summary>
internal sealed class Zone
{
    private const int Refresh = 7200;
    private const int Retry = 1800;
    private const int Expire = 86400;

    private readonly IPNetwork[] _ranges;
    private readonly byte[] _authority;
    private readonly int _domainLabels;

    /// <exception cref="FormatException">The domain is no DNS name, or a range is none.</exception>
    public Zone(ClusterNetwork network, uint timeToLive)
    {
        TimeToLive = timeToLive;
        Domain = WireName.Encode(network.Domain);
        _domainLabels = CountLabels(Domain);
        Services = WireName.Below(Domain, "svc");
        Pods = WireName.Below(Domain, "pod");
        NameServer = WireName.Below(WireName.Below(Domain, "dns"), "ns");
        Address = IPAddress.Parse(network.DnsAddress);
        _ranges = [IPNetwork.Parse(network.ServiceRange), IPNetwork.Parse(network.PodRange)];
        _authority = WriteAuthority();
    }

    /// <summary>How long clients keep an answer, in seconds.</summary>
    public uint TimeToLive { get; }

    public byte[] Domain { get; }

    public byte[] Services { get; }

    public byte[] Pods { get; }

    /// <summary>The name of this server, and the address that clients have for it.</summary>
    public byte[] NameServer { get; }

    public IPAddress Address { get; }

    /// <summary>The data of the SOA record, from which clients have how long to believe that something is not there.</summary>
    public ReadOnlySpan<byte> Authority => _authority;

    /// <summary>True if nobody else can know a name; then also the label at which its zone begins.</summary>
    public bool Owns(in DnsQuery query, out int zoneLabel)
    {
        zoneLabel = query.LabelCount - _domainLabels;
        return zoneLabel >= 0 && query.Name[query.LabelOffset(zoneLabel)..].SequenceEqual(Domain) || OwnsReverse(query, out zoneLabel);
    }

    /// <summary>True if a name, given in lower case, is one of the cluster's.</summary>
    public bool Owns(ReadOnlySpan<byte> name)
    {
        while (name.Length > Domain.Length)
        {
            name = name[(1 + name[0])..];
        }

        return name.SequenceEqual(Domain);
    }

    /// <summary>How many labels stand before the domain.</summary>
    public int LabelsBelow(in DnsQuery query) => query.LabelCount - _domainLabels;

    private bool OwnsReverse(in DnsQuery query, out int zoneLabel)
    {
        const int SuffixLabels = 2;
        const int Octets = 4;
        zoneLabel = 0;
        var given = query.LabelCount - SuffixLabels;
        if (given is < 1 or > Octets || !query.Name[query.LabelOffset(given)..].SequenceEqual("\u0007in-addr\u0004arpa\0"u8))
        {
            return false;
        }

        Span<byte> address = stackalloc byte[Octets];
        address.Clear();
        for (var i = 0; i < given; i++)
        {
            if (!DashedAddress.TryReadOctet(query.Label(given - 1 - i), out address[i]))
            {
                return false;
            }
        }

        foreach (var range in _ranges)
        {
            var needed = (range.PrefixLength + 7) / 8;
            if (given >= needed && Contains(range, address))
            {
                zoneLabel = given - needed;
                return true;
            }
        }

        return false;
    }

    private static bool Contains(IPNetwork range, ReadOnlySpan<byte> address)
    {
        Span<byte> start = stackalloc byte[4];
        if (range.BaseAddress.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork || !range.BaseAddress.TryWriteBytes(start, out _))
        {
            return false;
        }

        var mask = range.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - range.PrefixLength);
        return ((BinaryPrimitives.ReadUInt32BigEndian(start) ^ BinaryPrimitives.ReadUInt32BigEndian(address)) & mask) == 0;
    }

    private byte[] WriteAuthority()
    {
        Span<byte> numbers = stackalloc byte[20];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, 1);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], Refresh);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[8..], Retry);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[12..], Expire);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[16..], TimeToLive);
        return [.. NameServer, .. WireName.Below(Domain, "hostmaster"), .. numbers];
    }

    private static int CountLabels(ReadOnlySpan<byte> name)
    {
        var count = 0;
        for (var at = 0; name[at] != 0; at += 1 + name[at])
        {
            count++;
        }

        return count;
    }
}
