using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.Fixtures;

/// <summary>The kubeconfig of an API that does not serve, for a plugin in a process of its own.</summary>
internal static class SilentKubeconfig
{
    /// <summary>Writes the certificate of the authority that the API would be signed by.</summary>
    public static void WriteAuthority(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = SelfSigned(key);
        File.WriteAllText(path, certificate.ExportCertificatePem());
    }

    public static void Write(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = SelfSigned(key);
        var pem = Encode(certificate.ExportCertificatePem());
        var config = new JsonObject
        {
            ["current-context"] = "only",
            ["contexts"] = Only("context", new JsonObject { ["cluster"] = "only", ["user"] = "only" }),
            ["clusters"] = Only("cluster", new JsonObject { ["server"] = "https://127.0.0.1:1", ["certificate-authority-data"] = pem }),
            ["users"] = Only("user", new JsonObject { ["client-certificate-data"] = pem, ["client-key-data"] = Encode(key.ExportPkcs8PrivateKeyPem()) }),
        };
        File.WriteAllText(path, config.ToJsonString());
    }

    private static X509Certificate2 SelfSigned(ECDsa key) => new CertificateRequest("CN=nobody", key, HashAlgorithmName.SHA256)
        .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));

    private static JsonArray Only(string member, JsonObject value) => [new JsonObject { ["name"] = "only", [member] = value }];

    private static string Encode(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
}
