using Modular.Abstractions;
using Modular.Plugins.NetworkBridge.Filtering;

namespace Modular.Plugins.NetworkBridge.Tests;

public sealed class HostPortTests
{
    private const int Port = 80;
    private const int HostPort = 8080;

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void A_host_port_leads_to_the_pod_from_everywhere()
    {
        using var node = new Node();
        var network = node.Start();
        var (server, client) = (node.Sandbox(), node.Sandbox());
        node.Attach(network, "server", server, new PodHostPort("TCP", "", HostPort, Port), new PodHostPort("UDP", "", HostPort, Port));
        node.Attach(network, "client", client);
        using var tcp = server.ServeTcp(Port);
        using var udp = server.ServeUdp(Port);

        Assert.Equal(Node.OutsideAddress, node.Outside.AskTcp(Node.Address, HostPort));
        Assert.Equal(Node.OutsideAddress, node.Outside.AskUdp(Node.Address, HostPort));
        Assert.NotEmpty(node.Machine.AskTcp(Node.Address, HostPort));
        Assert.NotEmpty(node.Machine.AskTcp("127.0.0.1", HostPort));
        Assert.NotEmpty(client.AskTcp(Node.Address, HostPort));
        Assert.NotEmpty(client.AskTcp("10.244.0.1", HostPort));
        Assert.NotEmpty(server.AskTcp(Node.Address, HostPort));

        node.Machine.Do(() => network.Detach("server"));
        Assert.Empty(node.Machine.Do(() => FilterTables.Rules(node.Names.HostPorts)));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void A_host_port_of_one_address_is_that_addresss_only()
    {
        using var node = new Node();
        var network = node.Start();
        var (loopback, outward) = (node.Sandbox(), node.Sandbox());
        node.Attach(network, "loopback", loopback, new PodHostPort("TCP", "127.0.0.1", HostPort, Port));
        node.Attach(network, "outward", outward, new PodHostPort("TCP", Node.Address, HostPort, Port));
        using var server = loopback.ServeTcp(Port);
        Assert.NotEmpty(node.Machine.AskTcp("127.0.0.1", HostPort));
        Assert.Empty(node.Outside.AskTcp(Node.Address, HostPort));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void A_port_that_is_taken_is_refused_with_the_reason()
    {
        using var node = new Node();
        var network = node.Start();
        var (first, second) = (node.Sandbox(), node.Sandbox());
        node.Attach(network, "first", first, new PodHostPort("TCP", "", HostPort, Port));
        using var program = node.Machine.ServeTcp(9090);

        var byPod = Assert.Throws<PodNetworkException>(() => node.Attach(network, "second", second, new PodHostPort("TCP", Node.Address, HostPort, Port)));
        Assert.Equal("HostPortInUse", byPod.Reason);
        var byProgram = Assert.Throws<PodNetworkException>(() => node.Attach(network, "second", second, new PodHostPort("TCP", "", 9090, Port)));
        Assert.Equal("HostPortInUse", byProgram.Reason);

        node.Attach(network, "second", second, new PodHostPort("UDP", "", HostPort, Port));
        node.Machine.Do(() => network.Detach("first"));
        node.Attach(network, "second", second, new PodHostPort("TCP", "", HostPort, Port));
        using var server = second.ServeTcp(Port);
        Assert.NotEmpty(node.Outside.AskTcp(Node.Address, HostPort));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void A_services_port_stays_the_services_when_a_pod_has_the_same_host_port()
    {
        const string service = "10.96.0.7";
        using var node = new Node();
        var network = node.Start();
        var (pod, client) = (node.Sandbox(), node.Sandbox());
        node.Attach(network, "client", client);
        using (var proxy = node.Machine.ServeTcp(HostPort, service))
        {
            node.Attach(network, "pod", pod, new PodHostPort("TCP", "", HostPort, Port));
            Assert.NotEmpty(client.AskTcp(service, HostPort));
            Assert.NotEmpty(node.Machine.AskTcp(service, HostPort));
        }

        // Now only the pod listens: it must not be found where the service was.
        using var server = pod.ServeTcp(Port);
        Assert.Empty(client.AskTcp(service, HostPort));
        Assert.Empty(node.Machine.AskTcp(service, HostPort));
        Assert.NotEmpty(client.AskTcp(Node.Address, HostPort));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void Host_ports_are_back_after_somebody_flushed_them()
    {
        using var node = new Node();
        var network = node.Start();
        var pod = node.Sandbox();
        node.Attach(network, "pod", pod, new PodHostPort("TCP", "", HostPort, Port));
        node.Machine.Do(() => new FilterChanges().DeleteTable(FilterFamily.IPv4, node.Names.Table).Commit("what nft flush does"));
        node.Machine.Do(network.Info);
        using var server = pod.ServeTcp(Port);
        Assert.NotEmpty(node.Outside.AskTcp(Node.Address, HostPort));
    }

    [Fact(Skip = Machine.Need, SkipUnless = nameof(Machine.CanBeMade), SkipType = typeof(Machine))]
    public void Host_ports_outlive_the_instance_and_end_with_their_sandbox()
    {
        using var node = new Node();
        var network = node.Start();
        var (stays, goes) = (node.Sandbox(), node.Sandbox());
        node.Attach(network, "stays", stays, new PodHostPort("TCP", "", HostPort, Port));
        var goneAddress = node.Attach(network, "goes", goes, new PodHostPort("TCP", "", 9090, Port));
        node.Machine.Do(network.Dispose);
        node.DeleteLink(node.Names.LinkOf(System.Net.IPAddress.Parse(goneAddress)));

        var next = node.Start();
        using var server = stays.ServeTcp(Port);
        Assert.NotEmpty(node.Outside.AskTcp(Node.Address, HostPort));
        Assert.EndsWith(" stays", Assert.Single(node.Machine.Do(() => FilterTables.Rules(node.Names.HostPorts))).Comment, StringComparison.Ordinal);
        node.Machine.Do(() => next.Detach("stays"));
        Assert.Empty(node.Machine.Do(() => FilterTables.Rules(node.Names.HostPorts)));
    }
}
