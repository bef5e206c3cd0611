using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
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
    // A name that the server's certificate always holds.
    private static readonly Uri Server = new("https://kubernetes.default.svc");
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, HttpClient> _clients = new(StringComparer.Ordinal);
    private readonly X509Certificate2Collection _trusted = [X509Certificate2.CreateFromPem(authority.CertificatePem)];

    /// <summary>Where the API answers now.</summary>
    public Uri Address => Kubeconfig.Read(directory.Kubeconfig).Server;

    public IApiClient ClientOf(UserInfo user) => new RemoteApiClient(_clients.GetOrAdd(user.Name, _ => Connect(user)), TimeProvider.System);

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private HttpClient Connect(UserInfo user)
    {
        var identity = authority.IssueClient(user.Name, user.Groups[0], TimeProvider.System);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = PingInterval,
            KeepAlivePingTimeout = PingInterval,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(identity, additionalCertificates: null, offline: true),
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(_trusted);
        return new HttpClient(handler)
        {
            BaseAddress = Server,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var address = Address;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host.Trim('[', ']'), address.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
