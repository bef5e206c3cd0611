using System.Net;
using Modular.Abstractions;
using Modular.Plugins.NetworkBridge.Addressing;
using Modular.Plugins.NetworkBridge.Filtering;
using Modular.Plugins.NetworkBridge.Netlink;
using Modular.Plugins.NetworkBridge.Routing;

namespace Modular.Plugins.NetworkBridge.Tests;

/// <summary>A machine with the network on it, sandboxes, and another machine behind the way out.</summary>
internal sealed class Node : IDisposable
{
    public const string Address = "192.0.2.1";
    public const string OutsideAddress = "192.0.2.2";
    private const string PodRange = "10.244.0.0/16";
    private const string ServiceRange = "10.96.0.0/16";
    private readonly string _root = Directory.CreateTempSubdirectory("mod-net-").FullName;
    private readonly List<Machine> _sandboxes = [];
    private BridgeNetwork? _network;

    public Node()
    {
        RaiseLoopback(Machine);
        RaiseLoopback(Outside);
        Machine.Do(() =>
        {
            using var outside = NetworkNamespace.Open(Outside.Path);
            using var socket = NetlinkSocket.Open(NetlinkProtocol.Route);
            var links = new Links(socket);
            // A veth has to hang on a bridge here, so the way out does too.
            links.AddBridge("out", [2, 0, 0, 0, 0, 1], 1500);
            var bridge = links.Find("out")!;
            links.SetUp(bridge);
            new Addresses(socket).Add(bridge, IPAddress.Parse(Address), 24);
            links.AddVeth("out0", bridge.Index, 1500, "eth0", [2, 0, 0, 0, 0, 2], outside);
        });
        Outside.Do(() =>
        {
            using var socket = NetlinkSocket.Open(NetlinkProtocol.Route);
            var links = new Links(socket);
            var link = links.Find("eth0")!;
            new Addresses(socket).Add(link, IPAddress.Parse(OutsideAddress), 24);
            links.SetUp(link);
        });
    }

    public Machine Machine { get; } = new();

    public Machine Outside { get; } = new();

    public NetworkNames Names => NamesOf("a");

    public NetworkNames NamesOf(string cluster) => new(DirectoryOf(cluster));

    /// <summary>Starts the network of a cluster, as an instance of the plugin does.</summary>
    public BridgeNetwork Start(string cluster = "a", string range = "") => Machine.Do(() =>
    {
        var options = new BridgeOptions { Range = range.Length > 0 ? AddressRange.Parse(range) : null };
        _network = new BridgeNetwork(options, new ClusterNetwork { PodRange = PodRange, ServiceRange = ServiceRange }, DirectoryOf(cluster));
        _network.Info();
        return _network;
    });

    /// <summary>What taking a cluster down does.</summary>
    public void Remove(string cluster = "a") => Machine.Do(() => NetworkRemoval.Run(NamesOf(cluster)));

    public Machine Sandbox()
    {
        var sandbox = new Machine();
        _sandboxes.Add(sandbox);
        return sandbox;
    }

    /// <summary>Connects a sandbox and answers its address.</summary>
    public string Attach(BridgeNetwork network, string id, Machine sandbox, params PodHostPort[] hostPorts) => Machine.Do(() => network.Attach(new PodAttachmentSpec
    {
        SandboxId = id,
        NetworkNamespace = sandbox.Path,
        PodNamespace = "default",
        PodName = id,
        HostPorts = hostPorts,
    })).Addresses.Single();

    public IReadOnlyList<string> LinkNames() => Machine.Do(() =>
    {
        using var socket = NetlinkSocket.Open(NetlinkProtocol.Route);
        return new Links(socket).List().Select(link => link.Name).Order().ToArray();
    });

    public void DeleteLink(string name) => Machine.Do(() =>
    {
        using var socket = NetlinkSocket.Open(NetlinkProtocol.Route);
        var links = new Links(socket);
        links.Delete(links.Find(name)!);
    });

    /// <summary>What Docker leaves of itself: packets that are passed on are dropped, those that stay on a bridge too.</summary>
    public ChainName DropForwarded(FilterFamily family, string table, string chain) => Machine.Do(() =>
    {
        var name = new ChainName(family, table, chain);
        new FilterChanges().Table(family, table).Chain(new BaseChain(name, FilterHook.Forward, "filter", Drops: true), 0).Commit("a chain that drops");
        const string setting = "/proc/sys/net/bridge/bridge-nf-call-iptables";
        if (File.Exists(setting))
        {
            File.WriteAllText(setting, "1");
        }

        return name;
    });

    public void Dispose()
    {
        _network?.Dispose();
        _sandboxes.ForEach(sandbox => sandbox.Dispose());
        Machine.Dispose();
        Outside.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private string DirectoryOf(string cluster) => Directory.CreateDirectory(Path.Combine(_root, cluster)).FullName;

    private static void RaiseLoopback(Machine machine) => machine.Do(() =>
    {
        using var socket = NetlinkSocket.Open(NetlinkProtocol.Route);
        var links = new Links(socket);
        links.SetUp(links.Find("lo")!);
    });
}
