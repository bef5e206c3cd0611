using System.Security.Cryptography.X509Certificates;
using Modular.Abstractions;
using Modular.Host.Client;
using Modular.Toolkit;

namespace Modular.Host.Processes;

/// <summary>The API for the plugin of this process, as the kubeconfig says that its host wrote.</summary>
internal static class KubeconfigApi
{
    public static IApiClient Open(string path)
    {
        var config = Kubeconfig.Read(path);
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPem(config.CertificateAuthority);
        var identity = X509Certificate2.CreateFromPem(config.ClientCertificate, config.ClientKey);
        var user = identity.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return new RemoteApiClient(ApiTransport.Connect(identity, trusted, () => config.Server), TimeProvider.System)
        {
            FieldManager = user[(user.LastIndexOf(':') + 1)..],
        };
    }
}
