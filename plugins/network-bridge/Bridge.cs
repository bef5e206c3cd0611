using System.Net;
using Modular.Plugins.NetworkBridge.Addressing;
using Modular.Plugins.NetworkBridge.Routing;

namespace Modular.Plugins.NetworkBridge;

/// <summary>The link that all pods of the node hang on; it has the node's address.</summary>
internal sealed class Bridge(NetworkNames names, Links links, Addresses addresses, Routes routes)
{
    private const int UsualMtu = 1500;

    public Link? Find() => links.Find(names.Bridge);

    /// <summary>Makes sure that the bridge is there, has its address, is up, and that services' addresses are this machine's own.</summary>
    /// <param name="range">The node's range.</param>
    /// <param name="address">The node's address in it.</param>
    /// <param name="services">The range of the services' virtual addresses.</param>
    /// <param name="mtu">The largest packet; 0 for that of the way out of this machine.</param>
    public Link Ensure(AddressRange range, IPAddress address, AddressRange services, int mtu)
    {
        var link = Find();
        if (link is null)
        {
            links.AddBridge(names.Bridge, HardwareAddress.Of(address), mtu > 0 ? mtu : MtuOfTheWayOut());
            link = Find() ?? throw new IOException($"bridge {names.Bridge} vanished while it was made");
        }

        KernelSettings.AllowLoopbackSource(names.Bridge);
        KernelSettings.IgnoreRouterAdvertisements(names.Bridge);
        addresses.Add(link, address, range.PrefixLength);
        links.SetUp(link);
        routes.AddLocal(link, services);
        return link;
    }

    private int MtuOfTheWayOut()
    {
        var wayOut = routes.List().FirstOrDefault(route => route.Range.PrefixLength == 0);
        return links.List().FirstOrDefault(link => link.Index == wayOut?.Link) is { Mtu: > 0 } link ? link.Mtu : UsualMtu;
    }
}
