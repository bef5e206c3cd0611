using Modular.Abstractions;

namespace Modular.Host.Cluster;

/// <summary>What all host processes of a cluster on this machine say of themselves.</summary>
internal static class HostFacts
{
    public static string NodeName => Environment.MachineName.ToLowerInvariant();

    /// <summary>Who a host process itself is to the API.</summary>
    public static UserInfo User { get; } = new("system:host") { Groups = ["system:masters", "system:authenticated"] };

    public static HostInformation Of(Uri apiServer, CertificateAuthority authority, ClusterNetwork network) => new()
    {
        NodeName = NodeName,
        ApiServer = apiServer,
        Executable = Environment.ProcessPath!,
        Version = ProductVersion.Text,
        CertificateAuthorityFile = authority.CertificatePath,
        Network = network,
    };
}
