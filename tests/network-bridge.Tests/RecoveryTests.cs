using System.Net;
using Modular.Abstractions;
using Modular.Plugins.NetworkBridge.Filtering;
using Modular.Plugins.NetworkBridge.Netlink;
using Modular.Plugins.NetworkBridge.Routing;

namespace Modular.Plugins.NetworkBridge.Tests;

public sealed class RecoveryTests
{
    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void The_next_instance_knows_who_is_connected()
    {
        using var node = new Node();
        var first = node.Start();
        var (one, other) = (node.Sandbox(), node.Sandbox());
        var address = node.Attach(first, "one", one);
        Assert.Equal(address, node.Attach(first, "one", one));
        node.Machine.Do(first.Dispose);

        var second = node.Start();
        Assert.Equal(address, node.Attach(second, "one", one));
        Assert.NotEqual(address, node.Attach(second, "other", other));
        Assert.Equal(["one", "other"], node.Machine.Do(second.List).Select(attachment => attachment.SandboxId).Order());
        node.Machine.Do(() => second.Detach("one"));
        node.Machine.Do(() => second.Detach("nobody"));
        Assert.Equal("other", Assert.Single(node.Machine.Do(second.List)).SandboxId);
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void Sandboxes_that_leave_together_give_back_everything_and_others_stay()
    {
        using var node = new Node();
        var network = node.Start();
        var before = node.LinkNames();
        foreach (var (index, id) in ((string[])["one", "two", "three", "gone"]).Index())
        {
            node.Attach(network, id, node.Sandbox(), new PodHostPort("TCP", "", 8000 + index, 80));
        }

        var stays = node.Attach(network, "stays", node.Sandbox());
        node.DeleteLink(node.Names.LinkOf(IPAddress.Parse("10.244.0.5")));
        node.Machine.Do(() => network.Detach("one", "two", "nobody", "three", "gone", "one"));
        Assert.Equal([.. before, node.Names.LinkOf(IPAddress.Parse(stays))], node.LinkNames().OrderBy(name => !before.Contains(name)));
        Assert.Empty(node.Machine.Do(() => FilterTables.Rules(node.Names.HostPorts)));
        Assert.Equal("stays", Assert.Single(node.Machine.Do(network.List)).SandboxId);
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void What_was_not_finished_is_swept_away()
    {
        using var node = new Node();
        node.Start();
        var name = node.Names.LinkOf(IPAddress.Parse("10.244.0.2"));
        var sandbox = node.Sandbox();
        node.Machine.Do(() =>
        {
            using var socket = NetlinkSocket.Open(NetlinkProtocol.Route);
            using var inside = NetworkNamespace.Open(sandbox.Path);
            var links = new Links(socket);
            links.AddVeth(name, links.Find(node.Names.Bridge)!.Index, 1500, "eth0", [2, 0, 0, 0, 0, 9], inside);
        });
        Assert.Contains(name, node.LinkNames());
        var network = node.Start();
        Assert.DoesNotContain(name, node.LinkNames());
        Assert.Equal("10.244.0.2", node.Attach(network, "pod", sandbox));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void A_sandbox_made_anew_keeps_its_address()
    {
        using var node = new Node();
        var network = node.Start();
        var (old, renewed) = (node.Sandbox(), node.Sandbox());
        var address = node.Attach(network, "pod", old);
        Assert.Equal(address, node.Attach(network, "pod", renewed));
        using var server = renewed.ServeTcp(80);
        Assert.NotEmpty(node.Machine.AskTcp(address, 80));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void A_bridge_that_somebody_removed_is_made_again()
    {
        using var node = new Node();
        var network = node.Start();
        node.DeleteLink(node.Names.Bridge);
        var pod = node.Sandbox();
        var address = node.Attach(network, "pod", pod);
        using var server = pod.ServeTcp(80);
        Assert.Equal("10.244.0.1", node.Machine.AskTcp(address, 80));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void Removing_leaves_nothing()
    {
        using var node = new Node();
        var links = node.LinkNames();
        var network = node.Start();
        var stranger = node.Start("b");
        node.Attach(network, "pod", node.Sandbox(), new PodHostPort("TCP", "", 8080, 80));
        node.Remove();
        node.Remove("b");
        Assert.Equal(links, node.LinkNames());
        Assert.Empty(node.Machine.Do(() => FilterTables.BaseChains(FilterFamily.IPv4)));
        node.Remove();
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void Two_clusters_of_a_machine_do_not_meet()
    {
        using var node = new Node();
        var one = node.Start("a");
        var other = node.Start("b");
        var (onePod, otherPod) = (node.Sandbox(), node.Sandbox());
        Assert.Equal("10.244.0.2", node.Attach(one, "pod", onePod));
        Assert.Equal("10.244.1.2", node.Attach(other, "pod", otherPod));
        node.Remove("a");
        using var server = otherPod.ServeTcp(80);
        Assert.Equal("10.244.1.1", node.Machine.AskTcp("10.244.1.2", 80));
        Assert.Equal("10.244.0.0/24", node.Machine.Do(node.Start("a").Info).PodRange);
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void Addresses_of_sandboxes_that_vanished_are_used_again_when_all_are_taken()
    {
        using var node = new Node();
        var network = node.Start(range: "10.244.9.0/29");
        for (var i = 0; i < 5; i++)
        {
            node.Attach(network, $"pod-{i}", node.Sandbox());
        }

        var late = node.Sandbox();
        Assert.Equal("NoAddressLeft", Assert.Throws<PodNetworkException>(() => node.Attach(network, "late", late)).Reason);
        node.DeleteLink(node.Names.LinkOf(IPAddress.Parse("10.244.9.4")));
        Assert.Equal("10.244.9.4", node.Attach(network, "late", late));
    }
}
