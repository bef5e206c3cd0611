using System.Net;
using Modular.Abstractions;
using Modular.Plugins.NetworkBridge.Addressing;
using Modular.Plugins.NetworkBridge.Filtering;
using Modular.Plugins.NetworkBridge.Netlink;
using Modular.Plugins.NetworkBridge.Routing;

namespace Modular.Plugins.NetworkBridge;

/// <summary>
/// The network of this node, in the network namespace of the thread that made this. What is connected is read from the kernel's own
/// state, so an instance finds all that its predecessor made. Not thread-safe.
/// </summary>
internal sealed class BridgeNetwork : IDisposable
{
    private const string RangeFile = "range";
    private const string PodLinkName = "eth0";
    private readonly BridgeOptions _options;
    private readonly AddressRange _podRange;
    private readonly AddressRange _serviceRange;
    private readonly string _directory;
    private readonly NetworkNames _names;
    private readonly NetlinkSocket _socket = NetlinkSocket.Open(NetlinkProtocol.Route);
    private readonly Links _links;
    private readonly Bridge _bridge;
    private readonly ForwardRules _forward;
    private readonly AddressTranslation _translation;
    private readonly HostPorts _hostPorts;
    private readonly Dictionary<string, PodLink> _attached = new(StringComparer.Ordinal);
    private AddressRange _range;
    private AddressPool? _pool;
    private string _filterProblem = "";

    /// <param name="options">The plugin's configuration.</param>
    /// <param name="cluster">The cluster's ranges.</param>
    /// <param name="directory">Where the choice of the node's range is kept; names follow from it.</param>
    public BridgeNetwork(BridgeOptions options, ClusterNetwork cluster, string directory)
    {
        _options = options;
        _podRange = AddressRange.Parse(cluster.PodRange);
        _serviceRange = AddressRange.Parse(cluster.ServiceRange);
        _directory = directory;
        _names = new NetworkNames(directory);
        _links = new Links(_socket);
        _bridge = new Bridge(_names, _links, new Addresses(_socket), new Routes(_socket));
        _forward = new ForwardRules(_names);
        _translation = new AddressTranslation(_names);
        _hostPorts = new HostPorts(_names);
    }

    /// <summary>What this network is, once it is there.</summary>
    /// <exception cref="PodNetworkException">It can't be made, and why.</exception>
    public PodNetworkInfo Info()
    {
        Prepare();
        return new PodNetworkInfo { NodeAddress = _pool!.Gateway.ToString(), PodRange = _range.ToString(), Limitation = Limitation() };
    }

    /// <exception cref="PodNetworkException">It can't be done, and why.</exception>
    public PodAttachment Attach(PodAttachmentSpec spec) => Explaining(() =>
    {
        var bridge = Prepare();
        if (spec.HostPorts.Count > 0 && _filterProblem.Length > 0)
        {
            throw new PodNetworkException("NetworkLimited", Limitation());
        }

        using var inside = OpenNamespace(spec);
        _hostPorts.Check(spec.SandboxId, spec.HostPorts, new Addresses(_socket));
        var link = Connect(spec.SandboxId, bridge, inside);
        _hostPorts.Set(spec.SandboxId, link.Address, spec.HostPorts);
        return Attachment(link);
    });

    public void Detach(params IReadOnlyList<string> sandboxIds) => Explaining(() =>
    {
        if (sandboxIds.Count == 0)
        {
            return true;
        }

        Prepare();
        var links = new List<Link>();
        foreach (var id in sandboxIds)
        {
            _hostPorts.Set(id, IPAddress.Any, []);
            if (_attached.TryGetValue(id, out var attached) && _links.Find(_names.LinkOf(attached.Address)) is { } link)
            {
                links.Add(link);
            }
        }

        _links.Delete(links, _names.LeavingGroup);
        foreach (var id in sandboxIds)
        {
            if (_attached.Remove(id, out var link))
            {
                _pool!.Release(link.Address);
            }
        }

        return true;
    });

    public IReadOnlyList<PodAttachment> List() => Explaining(() =>
    {
        Prepare();
        return (IReadOnlyList<PodAttachment>)[.. Noted().Select(Attachment)];
    });

    public void Dispose() => _socket.Dispose();

    /// <summary>Makes what is missing: all of it the first time, later only what somebody else took away.</summary>
    private Link Prepare() => Explaining(() =>
    {
        var known = _pool is not null;
        var bridge = _bridge.Find();
        if (!known)
        {
            _range = ChooseRange(bridge);
            _pool = new AddressPool(_range);
        }

        if (!known || bridge is null)
        {
            KernelSettings.EnableForwarding();
            bridge = _bridge.Ensure(_range, _pool!.Gateway, _serviceRange, _options.Mtu);
        }

        PrepareFilter(known);
        if (!known)
        {
            Recover();
        }

        return bridge;
    });

    // Without a packet filter pods still reach each other and the node.
    private void PrepareFilter(bool known)
    {
        try
        {
            var chains = FilterTables.BaseChains();
            if (!known || !_translation.IsThere(chains))
            {
                _translation.Ensure(_range, _podRange, _serviceRange);
                _hostPorts.Restore();
            }

            _forward.Ensure(chains);
            _filterProblem = "";
        }
        catch (NetlinkException exception)
        {
            _filterProblem = exception.Message;
        }
    }

    private string Limitation() => _filterProblem.Length > 0
        ? $"pods reach each other and this node, nothing else, and host ports do not work: the kernel's nf_tables refused the rules ({_filterProblem}); load the module nf_tables, or permit it"
        : _forward.Limitation;

    private AddressRange ChooseRange(Link? bridge)
    {
        var keptIn = Path.Combine(_directory, RangeFile);
        if (_options.Range is { } chosen && !File.Exists(keptIn))
        {
            if (!_podRange.Contains(chosen))
            {
                throw new PodNetworkException("RangeOutside", $"nodeRange {chosen} is no part of the cluster's pod range {_podRange}");
            }

            NodeRange.Keep(chosen, keptIn);
        }

        var inUse = NodeRange.InUse(new Addresses(_socket), new Routes(_socket), bridge?.Index);
        return NodeRange.Choose(_podRange, keptIn, inUse)
            ?? throw new PodNetworkException("NoRangeLeft", $"all of {_podRange} is used by other networks of this machine; start a cluster with another range");
    }

    private void Recover()
    {
        _attached.Clear();
        foreach (var link in _links.List().Where(IsPodLink))
        {
            if (PodLink.Parse(link) is { } noted && _pool!.Reserve(noted.Address))
            {
                _attached[noted.SandboxId] = noted;
            }
            else
            {
                _links.Delete(link);
            }
        }

        if (_filterProblem.Length == 0)
        {
            _hostPorts.Recover(_attached);
        }
    }

    private PodLink Connect(string sandboxId, Link bridge, NetworkNamespace inside)
    {
        if (_attached.TryGetValue(sandboxId, out var known))
        {
            if (known.NamespaceIdentity == inside.Identity && _links.Find(_names.LinkOf(known.Address)) is { } found && PodLink.Parse(found) == known)
            {
                return known;
            }

            // The sandbox was made anew: it keeps the address.
            Delete(_names.LinkOf(known.Address));
        }

        var link = new PodLink(sandboxId, known?.Address ?? TakeAddress(), inside.Identity);
        if (link.Note.Length > PodLink.LongestNote)
        {
            throw new PodNetworkException("NameTooLong", $"the sandbox's id is longer than this network can note: {sandboxId}");
        }

        try
        {
            Connect(link, bridge, inside);
        }
        catch
        {
            Delete(_names.LinkOf(link.Address));
            _attached.Remove(sandboxId);
            _pool!.Release(link.Address);
            throw;
        }

        _attached[sandboxId] = link;
        return link;
    }

    private void Connect(PodLink link, Link bridge, NetworkNamespace inside)
    {
        var name = _names.LinkOf(link.Address);
        _links.AddVeth(name, bridge.Index, bridge.Mtu, PodLinkName, HardwareAddress.Of(link.Address), inside);
        using (var socket = inside.OpenSocket())
        {
            var links = new Links(socket);
            links.SetUp(links.Find("lo")!);
            var own = links.Find(PodLinkName)!;
            new Addresses(socket).Add(own, link.Address, _range.PrefixLength);
            links.SetUp(own);
            new Routes(socket).AddDefault(own, _pool!.Gateway);
        }

        var outer = _links.Find(name) ?? throw new IOException($"link {name} vanished while it was made");
        _links.SendBack(outer);
        _links.SetAlias(outer, link.Note);
    }

    private IPAddress TakeAddress()
    {
        if (_pool!.Take() is { } address)
        {
            return address;
        }

        // Sandboxes whose namespace went without a word have no link any more.
        var there = Noted().Select(link => link.SandboxId).ToHashSet(StringComparer.Ordinal);
        foreach (var (sandbox, link) in _attached.Where(entry => !there.Contains(entry.Key)).ToArray())
        {
            _attached.Remove(sandbox);
            _hostPorts.Set(sandbox, link.Address, []);
            _pool.Release(link.Address);
        }

        return _pool.Take() ?? throw new PodNetworkException("NoAddressLeft", $"all addresses of {_range} are taken");
    }

    private IEnumerable<PodLink> Noted() => _links.List().Where(IsPodLink).Select(PodLink.Parse).OfType<PodLink>();

    private bool IsPodLink(Link link) => link.Name.StartsWith(_names.LinkPrefix, StringComparison.Ordinal);

    private void Delete(string name)
    {
        if (_links.Find(name) is { } link)
        {
            _links.Delete(link);
        }
    }

    private static PodAttachment Attachment(PodLink link) => new() { SandboxId = link.SandboxId, Addresses = [link.Address.ToString()] };

    private static NetworkNamespace OpenNamespace(PodAttachmentSpec spec)
    {
        try
        {
            return NetworkNamespace.Open(spec.NetworkNamespace);
        }
        catch (NetlinkException exception)
        {
            throw new PodNetworkException("SandboxGone", $"sandbox {spec.SandboxId} has no network namespace: {exception.Message}");
        }
    }

    private static T Explaining<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or NetlinkException { Error: Errno.NotPermitted or Errno.AccessDenied })
        {
            throw new PodNetworkException("NotPermitted", $"the machine's network may not be changed ({exception.Message}): run the cluster as root");
        }
        catch (Exception exception) when (exception is IOException or FormatException)
        {
            throw new PodNetworkException("NetworkFailed", exception.Message);
        }
    }
}
