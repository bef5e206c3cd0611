using System.Net;
using System.Runtime.InteropServices;
using Modular.Plugins.NetworkBridge.Addressing;
using Modular.Plugins.NetworkBridge.Netlink;

namespace Modular.Plugins.NetworkBridge.Routing;

/// <summary>A way to a range of addresses.</summary>
/// <param name="Range">The destinations; of length 0 for the default route.</param>
/// <param name="Link">The index of the link it leads over.</param>
internal sealed record Route(AddressRange Range, int Link);

/// <summary>IPv4 routes.</summary>
internal sealed class Routes(NetlinkSocket socket)
{
    private const byte InterNetwork = 2;
    private const byte MainTable = 254;
    private const byte LocalTable = 255;
    private const byte StaticProtocol = 4;
    private const byte Unicast = 1;
    private const byte Local = 2;
    private const byte WithinThisMachine = 254;
    private const int Destination = 1;
    private const int OutputLink = 4;
    private const int Gateway = 5;

    public void AddDefault(Link link, IPAddress gateway)
    {
        var header = new RouteHeader { Family = InterNetwork, Table = MainTable, Protocol = StaticProtocol, Type = Unicast };
        socket.Do($"default route over {gateway}", new NetlinkMessage(RouteMessage.NewRoute, RequestFlags.Acknowledge | RequestFlags.Create | RequestFlags.Replace)
            .Fixed(header).Attribute(Gateway, gateway).Attribute(OutputLink, link.Index));
    }

    /// <summary>Makes all addresses of a range this machine's own, for as long as the link is there.</summary>
    public void AddLocal(Link link, AddressRange range)
    {
        var header = new RouteHeader
        {
            Family = InterNetwork,
            DestinationLength = (byte)range.PrefixLength,
            Table = LocalTable,
            Protocol = StaticProtocol,
            Scope = WithinThisMachine,
            Type = Local,
        };
        socket.Do($"local route for {range}", new NetlinkMessage(RouteMessage.NewRoute, RequestFlags.Acknowledge | RequestFlags.Create | RequestFlags.Replace)
            .Fixed(header).Attribute(Destination, AddressRange.Address(range.First)).Attribute(OutputLink, link.Index));
    }

    /// <summary>The routes of the main table.</summary>
    public IReadOnlyList<Route> List() =>
        socket.Ask("routes", new NetlinkMessage(RouteMessage.GetRoute, RequestFlags.Dump).Fixed(new RouteHeader { Family = InterNetwork }), Parse);

    private static Route? Parse(ReadOnlySpan<byte> body)
    {
        var header = MemoryMarshal.Read<RouteHeader>(body);
        if (header.Table != MainTable)
        {
            return null;
        }

        var (destination, link) = (IPAddress.Any, 0);
        var attributes = new AttributeReader(body[Marshal.SizeOf<RouteHeader>()..]);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case Destination:
                    destination = new IPAddress(attributes.Value);
                    break;
                case OutputLink:
                    link = attributes.Number;
                    break;
                default:
                    break;
            }
        }

        return new Route(AddressRange.Around(destination, header.DestinationLength), link);
    }
}
