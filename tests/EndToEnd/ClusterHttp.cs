using System.Net.Http;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Modular.EndToEnd;

/// <summary>A plain HTTPS client with the identity a kubeconfig holds.</summary>
internal static partial class ClusterHttp
{
    public static HttpClient Create(string kubeconfig, int port)
    {
        var config = File.ReadAllText(kubeconfig);
        string Pem(string name) =>
            Encoding.ASCII.GetString(Convert.FromBase64String(Data().Matches(config).First(m => m.Groups[1].Value == name).Groups[2].Value));
        var identity = X509Certificate2.CreateFromPem(Pem("client-certificate"), Pem("client-key"));
        var handler = new SocketsHttpHandler();
        handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => identity;
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509Certificate2.CreateFromPem(Pem("certificate-authority")) },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{port}") };
    }

    [GeneratedRegex(@"([a-z-]+)-data: ""?([A-Za-z0-9+/=]+)")]
    private static partial Regex Data();
}
