using System.Net;
using System.Net.Sockets;
using Modular.Abstractions;
using Modular.Plugins.NetworkBridge.Filtering;
using Modular.Plugins.NetworkBridge.Routing;

namespace Modular.Plugins.NetworkBridge;

/// <summary>Ports of the node that lead into sandboxes: a rule each, with a comment that says whose it is.</summary>
internal sealed class HostPorts(NetworkNames names)
{
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Learns what an earlier instance made, and removes what is of no sandbox in <paramref name="sandboxes"/>.</summary>
    public void Recover(IReadOnlyDictionary<string, PodLink> sandboxes)
    {
        _entries.Clear();
        foreach (var rule in FilterTables.Rules(names.HostPorts))
        {
            if (Parse(rule.Comment) is { } found && sandboxes.TryGetValue(found.Sandbox, out var link))
            {
                _entries[found.Sandbox] = new Entry(link.Address, [.. PortsOf(found.Sandbox), found.Port]);
            }
            else
            {
                new FilterChanges().Delete(rule).Commit("removing a host port");
            }
        }
    }

    /// <summary>Makes the rules of all known ports anew, after somebody took their table away.</summary>
    public void Restore()
    {
        if (_entries.Count == 0)
        {
            return;
        }

        var changes = new FilterChanges().Clear(names.HostPorts);
        foreach (var (sandboxId, entry) in _entries)
        {
            Append(changes, sandboxId, entry);
        }

        changes.Commit("setting host ports");
    }

    /// <exception cref="PodNetworkException">Somebody else has one of the ports, or it can't be had.</exception>
    public void Check(string sandboxId, IReadOnlyList<PodHostPort> ports, Addresses addresses)
    {
        if (ports.FirstOrDefault(port => port.Protocol is not ("TCP" or "UDP")) is { } strange)
        {
            throw new PodNetworkException("ProtocolNotSupported", $"host port {strange.HostPort}/{strange.Protocol} can't be had: host ports are TCP or UDP");
        }

        var known = PortsOf(sandboxId);
        foreach (var port in ports.Where(port => !known.Contains(port)))
        {
            var other = _entries.FirstOrDefault(entry => entry.Key != sandboxId && entry.Value.Ports.Any(taken => Meet(taken, port)));
            if (other.Key is not null)
            {
                throw InUse(port, "another pod has it");
            }

            if (IsTaken(port, addresses))
            {
                throw InUse(port, "a program of this machine listens there");
            }
        }
    }

    /// <summary>Lets ports lead to a sandbox, instead of those that did.</summary>
    public void Set(string sandboxId, IPAddress address, IReadOnlyList<PodHostPort> ports)
    {
        var entry = new Entry(address, ports);
        if (PortsOf(sandboxId).SequenceEqual(ports) && (ports.Count == 0 || _entries[sandboxId].Address.Equals(address)))
        {
            return;
        }

        var changes = new FilterChanges();
        foreach (var rule in RulesOf(sandboxId))
        {
            changes.Delete(rule);
        }

        Append(changes, sandboxId, entry);
        changes.Commit("setting host ports");
        if (ports.Count == 0)
        {
            _entries.Remove(sandboxId);
        }
        else
        {
            _entries[sandboxId] = entry;
        }
    }

    private IReadOnlyList<PodHostPort> PortsOf(string sandboxId) => _entries.GetValueOrDefault(sandboxId)?.Ports ?? [];

    private void Append(FilterChanges changes, string sandboxId, Entry entry)
    {
        foreach (var port in entry.Ports)
        {
            changes.Append(names.HostPorts, Rule(sandboxId, entry.Address, port));
        }
    }

    private IEnumerable<RuleEntry> RulesOf(string sandboxId) =>
        FilterTables.Rules(names.HostPorts).Where(rule => Parse(rule.Comment)?.Sandbox == sandboxId);

    private static RuleBuilder Rule(string sandboxId, IPAddress address, PodHostPort port)
    {
        var rule = new RuleBuilder();
        if (!IsAny(port.HostAddress))
        {
            rule.ToRange(Addressing.AddressRange.Around(IPAddress.Parse(port.HostAddress), Addressing.AddressRange.Bits));
        }

        return rule.ToPort(port.Protocol == "UDP" ? Udp : Tcp, port.HostPort).Redirect(address, port.Port)
            .Note($"{port.Protocol} {(IsAny(port.HostAddress) ? "0.0.0.0" : port.HostAddress)} {port.HostPort} {port.Port} {sandboxId}");
    }

    private static (string Sandbox, PodHostPort Port)? Parse(string comment) =>
        comment.Split(' ', 5) is [var protocol, var address, var hostPort, var port, var sandbox]
        && int.TryParse(hostPort, out var from) && int.TryParse(port, out var to)
            ? (sandbox, new PodHostPort(protocol, address == "0.0.0.0" ? "" : address, from, to))
            : null;

    private static bool Meet(PodHostPort one, PodHostPort other) =>
        one.Protocol == other.Protocol && one.HostPort == other.HostPort
        && (IsAny(one.HostAddress) || IsAny(other.HostAddress) || one.HostAddress == other.HostAddress);

    private static bool IsAny(string address) => address is "" or "0.0.0.0" or "::";

    // The rule would take the connections away from a program that listens already. Who listens at services' addresses loses nothing by it.
    private static bool IsTaken(PodHostPort port, Addresses addresses) => IsAny(port.HostAddress)
        ? addresses.Own().Any(address => IsBound(port, address))
        : IsBound(port, IPAddress.Parse(port.HostAddress));

    private static bool IsBound(PodHostPort port, IPAddress address)
    {
        var udp = port.Protocol == "UDP";
        using var socket = new Socket(AddressFamily.InterNetwork, udp ? SocketType.Dgram : SocketType.Stream, udp ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port.HostPort));
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.AddressAlreadyInUse;
        }
    }

    private static PodNetworkException InUse(PodHostPort port, string why) =>
        new("HostPortInUse", $"host port {port.HostPort}/{port.Protocol} is taken: {why}");

    private sealed record Entry(IPAddress Address, IReadOnlyList<PodHostPort> Ports);
}
