using System.Net;
using System.Runtime.InteropServices;
using Modular.Plugins.NetworkBridge.Addressing;
using Modular.Plugins.NetworkBridge.Netlink;

namespace Modular.Plugins.NetworkBridge.Routing;

/// <summary>IPv4 addresses of links.</summary>
internal sealed class Addresses(NetlinkSocket socket)
{
    private const byte InterNetwork = 2;
    private const int Destination = 1;
    private const int Local = 2;

    /// <summary>Gives a link an address; one that it has already is no error.</summary>
    public void Add(Link link, IPAddress address, int prefixLength)
    {
        var header = new AddressHeader { Family = InterNetwork, PrefixLength = (byte)prefixLength, Index = link.Index };
        socket.Do($"giving {link.Name} address {address}", new NetlinkMessage(RouteMessage.NewAddress, RequestFlags.Acknowledge | RequestFlags.Create | RequestFlags.Replace)
            .Fixed(header).Attribute(Local, address).Attribute(Destination, address));
    }

    /// <summary>The ranges that this machine has addresses in.</summary>
    public IReadOnlyList<Route> Ranges() =>
        socket.Ask("addresses", new NetlinkMessage(RouteMessage.GetAddress, RequestFlags.Dump).Fixed(new AddressHeader { Family = InterNetwork }), Range);

    /// <summary>The addresses of this machine's links.</summary>
    public IReadOnlyList<IPAddress> Own() =>
        socket.Ask("addresses", new NetlinkMessage(RouteMessage.GetAddress, RequestFlags.Dump).Fixed(new AddressHeader { Family = InterNetwork }), OwnAddress);

    private static Route? Range(ReadOnlySpan<byte> body)
    {
        var header = MemoryMarshal.Read<AddressHeader>(body);
        return Attribute(body, Destination) is { } address ? new Route(AddressRange.Around(address, header.PrefixLength), header.Index) : null;
    }

    private static IPAddress? OwnAddress(ReadOnlySpan<byte> body) => Attribute(body, Local);

    private static IPAddress? Attribute(ReadOnlySpan<byte> body, int type)
    {
        var attributes = new AttributeReader(body[Marshal.SizeOf<AddressHeader>()..]);
        while (attributes.Read())
        {
            if (attributes.Type == type)
            {
                return new IPAddress(attributes.Value);
            }
        }

        return null;
    }
}
