using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Modular.Plugins.NetworkBridge.Addressing;
using Modular.Plugins.NetworkBridge.Filtering;

namespace Modular.Plugins.NetworkBridge;

/// <summary>
/// What this cluster's things are called on the machine. The names follow from the directory the cluster keeps its network's data in: two
/// clusters on a machine do not meet, and a later instance finds what an earlier one made.
/// </summary>
internal sealed class NetworkNames
{
    private readonly string _tag;

    public NetworkNames(string directory) =>
        _tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(directory))))[..6];

    public string Bridge => $"modular{_tag}";

    public string Table => $"modular-{_tag}";

    /// <summary>The comment of rules in tables of others.</summary>
    public string Comment => $"modular-{_tag}";

    /// <summary>What the names of the pods' links start with.</summary>
    public string LinkPrefix => $"m{_tag}";

    /// <summary>The number of the group that links join to be removed together.</summary>
    public int LeavingGroup => int.Parse(_tag, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>The chain that leads host ports to pods.</summary>
    public ChainName HostPorts => Chain("host-ports");

    public ChainName Chain(string name) => new(FilterFamily.IPv4, Table, name);

    /// <summary>The node's end of a pod's link; an address has one pod at a time, so the name is free.</summary>
    public string LinkOf(IPAddress address) => $"{LinkPrefix}{AddressRange.Number(address):x8}";
}
