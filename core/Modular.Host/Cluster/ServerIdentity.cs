using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography.X509Certificates;
using Modular.Abstractions;

namespace Modular.Host.Cluster;

/// <summary>The names and addresses that the API server is reached by, and certificates for them.</summary>
internal sealed class ServerIdentity(CertificateAuthority authority, ClusterNetwork network, IPEndPoint listen)
{
    /// <summary>A certificate for all names and addresses known by now.</summary>
    /// <param name="further">Addresses that are not the machine's yet or were not when it was asked.</param>
    public X509Certificate2 Issue(IEnumerable<IPAddress> further) => authority.IssueServer(
        ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", $"kubernetes.default.svc.{network.Domain}", Environment.MachineName.ToLowerInvariant()],
        new HashSet<IPAddress>([IPAddress.Loopback, IPAddress.IPv6Loopback, listen.Address, IPAddress.Parse(network.ApiAddress), .. OfTheMachine(), .. further]),
        TimeProvider.System);

    private static IEnumerable<IPAddress> OfTheMachine() =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(link => link.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address).Where(address => !address.IsIPv6LinkLocal);
}
