using System.Runtime.InteropServices;
using Modular.Plugins.NetworkBridge.Netlink;

namespace Modular.Plugins.NetworkBridge.Routing;

/// <summary>Network interfaces of the namespace that a socket belongs to.</summary>
internal sealed class Links(NetlinkSocket socket)
{
    private const int HardwareAddress = 1;
    private const int NameAttribute = 3;
    private const int MtuAttribute = 4;
    private const int Master = 10;
    private const int LinkInfo = 18;
    private const int AliasAttribute = 20;
    private const int Group = 27;
    private const int NamespaceDescriptor = 28;
    private const int Kind = 1;
    private const int KindData = 2;
    private const int MemberKind = 4;
    private const int MemberData = 5;
    private const int SendBackMode = 4;
    private const int VethPeer = 1;

    /// <summary>The link of a name; null if there is none.</summary>
    public Link? Find(string name)
    {
        try
        {
            return socket.Ask($"link {name}", Message(RouteMessage.GetLink, RequestFlags.Acknowledge).Attribute(NameAttribute, name), Parse) is [var link, ..] ? link : null;
        }
        catch (NetlinkException exception) when (exception.Error == Errno.NoDevice)
        {
            return null;
        }
    }

    public IReadOnlyList<Link> List() => socket.Ask("links", Message(RouteMessage.GetLink, RequestFlags.Dump), Parse);

    /// <summary>A bridge that keeps its hardware address whatever joins it.</summary>
    public void AddBridge(string name, byte[] hardwareAddress, int mtu) =>
        socket.Do($"making bridge {name}", New().Attribute(NameAttribute, name).Attribute(HardwareAddress, hardwareAddress).Attribute(MtuAttribute, mtu)
            .Nest(LinkInfo, info => info.Attribute(Kind, "bridge")));

    /// <summary>A pair of links: one here that belongs to a bridge and is up, the other in a namespace of somebody else.</summary>
    public void AddVeth(string name, int bridge, int mtu, string peer, byte[] peerAddress, NetworkNamespace peerNamespace)
    {
        var header = new LinkHeader { Flags = LinkHeader.Up, Change = LinkHeader.Up };
        var message = new NetlinkMessage(RouteMessage.NewLink, RequestFlags.Acknowledge | RequestFlags.Create | RequestFlags.Exclusive)
            .Fixed(header).Attribute(NameAttribute, name).Attribute(MtuAttribute, mtu).Attribute(Master, bridge)
            .Nest(LinkInfo, info => info.Attribute(Kind, "veth")
                .Nest(KindData, data => data
                    .Nest(VethPeer, end => end.Fixed(default(LinkHeader)).Attribute(NameAttribute, peer).Attribute(MtuAttribute, mtu)
                        .Attribute(HardwareAddress, peerAddress).Attribute(NamespaceDescriptor, peerNamespace.Descriptor))));
        socket.Do($"making link {name}", message);
    }

    /// <summary>Lets a bridge send packets back over the link they came from: a pod may be behind the host port it asks.</summary>
    public void SendBack(Link link) =>
        socket.Do($"opening link {link.Name}", Message(RouteMessage.NewLink, RequestFlags.Acknowledge, link.Index)
            .Nest(LinkInfo, info => info.Attribute(MemberKind, "bridge").Nest(MemberData, data => data.Attribute(SendBackMode, (ReadOnlySpan<byte>)[1]))));

    public void SetAlias(Link link, string alias) =>
        socket.Do($"marking link {link.Name}", Message(RouteMessage.NewLink, RequestFlags.Acknowledge, link.Index).Attribute(AliasAttribute, alias));

    public void SetUp(Link link) =>
        socket.Do($"raising link {link.Name}", new NetlinkMessage(RouteMessage.NewLink, RequestFlags.Acknowledge)
            .Fixed(new LinkHeader { Index = link.Index, Flags = LinkHeader.Up, Change = LinkHeader.Up }));

    /// <summary>Removes a link, and with it the other end of a pair.</summary>
    public void Delete(Link link) => Delete($"removing link {link.Name}", Message(RouteMessage.DeleteLink, RequestFlags.Acknowledge, link.Index));

    /// <summary>Removes links at once, in about the time that one takes: they join a group, and the group goes.</summary>
    public void Delete(IReadOnlyList<Link> links, int group)
    {
        if (links.Count < 2)
        {
            foreach (var link in links)
            {
                Delete(link);
            }

            return;
        }

        foreach (var link in links)
        {
            Delete($"removing link {link.Name}", Message(RouteMessage.NewLink, RequestFlags.Acknowledge, link.Index).Attribute(Group, group));
        }

        Delete($"removing {links.Count} links", Message(RouteMessage.DeleteLink, RequestFlags.Acknowledge).Attribute(Group, group));
    }

    private void Delete(string what, NetlinkMessage message)
    {
        try
        {
            socket.Do(what, message);
        }
        catch (NetlinkException exception) when (exception.Error == Errno.NoDevice)
        {
            // It went with its namespace.
        }
    }

    private static NetlinkMessage New() => Message(RouteMessage.NewLink, RequestFlags.Acknowledge | RequestFlags.Create | RequestFlags.Exclusive);

    private static NetlinkMessage Message(ushort type, RequestFlags flags, int index = 0) =>
        new NetlinkMessage(type, flags).Fixed(new LinkHeader { Index = index });

    private static Link Parse(ReadOnlySpan<byte> body)
    {
        var (name, alias, mtu) = ("", "", 0);
        var attributes = new AttributeReader(body[Marshal.SizeOf<LinkHeader>()..]);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case NameAttribute:
                    name = attributes.Text;
                    break;
                case AliasAttribute:
                    alias = attributes.Text;
                    break;
                case MtuAttribute:
                    mtu = attributes.Number;
                    break;
                default:
                    break;
            }
        }

        return new Link(MemoryMarshal.Read<LinkHeader>(body).Index, name, alias, mtu);
    }
}
