using Modular.Plugins.NetworkBridge.Addressing;
using Modular.Plugins.NetworkBridge.Filtering;
using Modular.Plugins.NetworkBridge.Netlink;

namespace Modular.Plugins.NetworkBridge;

/// <summary>Our own table: pods reach the outside under the node's address, and host ports lead to pods.</summary>
internal sealed class AddressTranslation(NetworkNames names)
{
    private const int BeforeAll = -300;
    private const int Destination = -100;
    private const int Source = 100;
    private static readonly AddressRange Loopback = AddressRange.Parse("127.0.0.0/8");

    public bool IsThere(IEnumerable<BaseChain> chains) => chains.Any(chain => chain.Name.Table == names.Table);

    /// <summary>Sets all rules anew but those of host ports, in one step.</summary>
    public void Ensure(AddressRange nodeRange, AddressRange podRange, AddressRange serviceRange)
    {
        var guard = new BaseChain(names.Chain("guard"), FilterHook.Prerouting, "filter", Drops: false);
        var arriving = new BaseChain(names.Chain("prerouting"), FilterHook.Prerouting, "nat", Drops: false);
        var own = new BaseChain(names.Chain("output"), FilterHook.Output, "nat", Drops: false);
        var leaving = new BaseChain(names.Chain("postrouting"), FilterHook.Postrouting, "nat", Drops: false);
        var changes = new FilterChanges().Table(FilterFamily.IPv4, names.Table).Chain(names.HostPorts)
            .Chain(guard, BeforeAll).Chain(arriving, Destination).Chain(own, Destination).Chain(leaving, Source);
        foreach (var chain in (BaseChain[])[guard, arriving, own, leaving])
        {
            changes.Clear(chain.Name);
        }

        changes
            .Append(guard.Name, new RuleBuilder().From(names.Bridge).ToRange(Loopback).Drop())
            // Services' addresses are local too, but their ports are the services'.
            .Append(arriving.Name, new RuleBuilder().ToThisMachine().ToRange(serviceRange, equal: false).Jump(names.HostPorts.Chain))
            .Append(own.Name, new RuleBuilder().ToThisMachine().ToRange(serviceRange, equal: false).Jump(names.HostPorts.Chain))
            .Append(leaving.Name, new RuleBuilder().FromRange(nodeRange).ToRange(podRange, equal: false).To(names.Bridge, equal: false).Masquerade())
            // The answer must come back through here, or nobody would put the host port's address in again.
            .Append(leaving.Name, new RuleBuilder().FromRange(nodeRange).To(names.Bridge).Redirected().Masquerade())
            .Append(leaving.Name, new RuleBuilder().FromRange(Loopback).To(names.Bridge).Masquerade())
            .Commit("making the pods' way out");
    }

    public void Remove()
    {
        try
        {
            new FilterChanges().DeleteTable(FilterFamily.IPv4, names.Table).Commit("removing the pods' way out");
        }
        catch (NetlinkException exception) when (exception.Error == Errno.NotFound)
        {
            // It was not made, or somebody flushed all tables.
        }
    }
}
