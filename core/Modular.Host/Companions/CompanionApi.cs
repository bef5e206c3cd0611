using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Modular.Abstractions;
using Modular.Host.Client;
using Modular.Host.Cluster;
using Modular.Toolkit;

namespace Modular.Host.Companions;

/// <summary>
/// The cluster's API for the plugins of a companion process: each has a certificate and connections of its own. Where the server listens
/// is looked up for each connection, since a newer one may listen elsewhere.
/// </summary>
internal sealed class CompanionApi(ClusterDirectory directory, CertificateAuthority authority) : IDisposable
{
    private readonly ConcurrentDictionary<string, HttpClient> _clients = new(StringComparer.Ordinal);
    private readonly X509Certificate2Collection _trusted = [X509Certificate2.CreateFromPem(authority.CertificatePem)];

    /// <summary>Where the API answers now.</summary>
    public Uri Address => Kubeconfig.Read(directory.Kubeconfig).Server;

    public IApiClient ClientOf(UserInfo user) => new RemoteApiClient(_clients.GetOrAdd(user.Name, _ => Connect(user)), TimeProvider.System)
    {
        // Its fields are the same plugin's, whichever process it runs in.
        FieldManager = user.Name[(user.Name.LastIndexOf(':') + 1)..],
    };

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private HttpClient Connect(UserInfo user) =>
        ApiTransport.Connect(authority.IssueClient(user.Name, user.Groups[0], TimeProvider.System), _trusted, () => Address);
}
