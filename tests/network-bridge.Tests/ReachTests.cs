using Modular.Abstractions;
using Modular.Plugins.NetworkBridge.Filtering;

namespace Modular.Plugins.NetworkBridge.Tests;

public sealed class ReachTests
{
    private const int Port = 8080;

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void Pods_and_the_node_reach_each_other_under_their_addresses()
    {
        using var node = new Node();
        var network = node.Start();
        var (one, other) = (node.Sandbox(), node.Sandbox());
        var oneAddress = node.Attach(network, "one", one);
        var otherAddress = node.Attach(network, "other", other);
        using var server = other.ServeTcp(Port);
        using var own = node.Machine.ServeTcp(Port);

        Assert.Equal(oneAddress, one.AskTcp(otherAddress, Port));
        Assert.Equal(otherAddress, other.AskTcp(otherAddress, Port));
        Assert.Equal("10.244.0.1", node.Machine.AskTcp(otherAddress, Port));
        Assert.Equal(oneAddress, one.AskTcp("10.244.0.1", Port));
        Assert.Equal(oneAddress, one.AskTcp(Node.Address, Port));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void Addresses_of_services_are_the_nodes_own_for_itself_and_for_its_pods()
    {
        using var node = new Node();
        var pod = node.Sandbox();
        var address = node.Attach(node.Start(), "pod", pod);
        using var tcp = node.Machine.ServeTcp(Port);
        using var udp = node.Machine.ServeUdp(Port);
        Assert.Equal(address, pod.AskTcp("10.96.3.4", Port));
        Assert.Equal("10.96.3.4", node.Machine.AskTcp("10.96.3.4", Port));
        node.Start();
        Assert.Equal(address, pod.AskTcp("10.96.0.1", Port));
        node.Remove();
        Assert.Equal("", node.Machine.AskTcp("10.96.3.4", Port));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void Pods_reach_the_outside_under_the_nodes_address()
    {
        using var node = new Node();
        var pod = node.Sandbox();
        node.Attach(node.Start(), "pod", pod);
        using var tcp = node.Outside.ServeTcp(Port);
        using var udp = node.Outside.ServeUdp(Port);
        Assert.Equal(Node.Address, pod.AskTcp(Node.OutsideAddress, Port));
        Assert.Equal(Node.Address, pod.AskUdp(Node.OutsideAddress, Port));
    }

    [Theory(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    [InlineData(nameof(FilterFamily.IPv4), "filter", "FORWARD")]
    [InlineData(nameof(FilterFamily.Inet), "firewall", "forward")]
    public void Packets_pass_where_others_drop_what_is_forwarded(string family, string table, string chain)
    {
        using var node = new Node();
        var dropping = node.DropForwarded(Enum.Parse<FilterFamily>(family), table, chain);
        var network = node.Start();
        var (one, other) = (node.Sandbox(), node.Sandbox());
        var oneAddress = node.Attach(network, "one", one);
        var otherAddress = node.Attach(network, "other", other);
        using var server = other.ServeTcp(Port);
        using var outside = node.Outside.ServeTcp(Port);
        Assert.Equal(oneAddress, one.AskTcp(otherAddress, Port));
        Assert.Equal(Node.Address, one.AskTcp(Node.OutsideAddress, Port));

        var rules = node.Machine.Do(() => FilterTables.Rules(dropping));
        Assert.Equal([node.Names.Comment, node.Names.Comment], rules.Select(rule => rule.Comment));
        node.Start();
        Assert.Equal(2, node.Machine.Do(() => FilterTables.Rules(dropping)).Count);
        node.Remove();
        Assert.Empty(node.Machine.Do(() => FilterTables.Rules(dropping)));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void What_somebody_flushed_is_back_with_the_next_pod()
    {
        using var node = new Node();
        var network = node.Start();
        var (early, late) = (node.Sandbox(), node.Sandbox());
        var earlyAddress = node.Attach(network, "early", early);
        node.Machine.Do(() => new FilterChanges().DeleteTable(FilterFamily.IPv4, node.Names.Table).Commit("what nft flush does"));
        var dropping = node.DropForwarded(FilterFamily.IPv4, "filter", "FORWARD");

        node.Attach(network, "late", late);
        using var server = late.ServeTcp(Port);
        using var outside = node.Outside.ServeTcp(Port);
        Assert.Equal(2, node.Machine.Do(() => FilterTables.Rules(dropping)).Count);
        Assert.Equal(Node.Address, early.AskTcp(Node.OutsideAddress, Port));
        Assert.Equal(earlyAddress, early.AskTcp(node.Attach(network, "late", late), Port));
    }
}
