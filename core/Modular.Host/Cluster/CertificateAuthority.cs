using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Modular.PluginProcess;

namespace Modular.Host.Cluster;

/// <summary>The cluster's own certificate authority: made on first start, kept in the data directory, asked at every start.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan LeafLife = TimeSpan.FromDays(365);

    private readonly X509Certificate2 _certificate;

    private CertificateAuthority(X509Certificate2 certificate, string path)
    {
        _certificate = certificate;
        CertificatePath = path;
    }

    public string CertificatePath { get; }

    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>Opens the authority kept in a directory, or makes one there.</summary>
    public static CertificateAuthority Open(string directory, TimeProvider time)
    {
        var certificatePath = Path.Combine(directory, "ca.crt");
        var keyPath = Path.Combine(directory, "ca.key");
        if (File.Exists(certificatePath) && File.Exists(keyPath))
        {
            try
            {
                return new(X509Certificate2.CreateFromPemFile(certificatePath, keyPath), certificatePath);
            }
            catch (CryptographicException e)
            {
                throw new CommandException(
                    $"{certificatePath} and ca.key are no certificate with its key ({e.Message.TrimEnd('.')}); restore them from a copy, or move them away to have new ones made");
            }
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=modular-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now + AuthorityLife);
        PrivateFile.Write(keyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        return new(certificate, certificatePath);
    }

    /// <summary>A certificate for a server that is reached by these names and addresses, with its key.</summary>
    public X509Certificate2 IssueServer(IEnumerable<string> names, IEnumerable<IPAddress> addresses, TimeProvider time)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            alternatives.AddDnsName(name);
        }

        foreach (var address in addresses)
        {
            alternatives.AddIpAddress(address);
        }

        return Issue("CN=modular-apiserver", "1.3.6.1.5.5.7.3.1", alternatives.Build(), time);
    }

    /// <summary>A certificate that proves to be a user in groups, with its key.</summary>
    public X509Certificate2 IssueClient(string user, string group, TimeProvider time) =>
        Issue($"O={group}, CN={user}", "1.3.6.1.5.5.7.3.2", null, time);

    public void Dispose() => _certificate.Dispose();

    private X509Certificate2 Issue(string subject, string usage, X509Extension? alternatives, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        if (alternatives is not null)
        {
            request.CertificateExtensions.Add(alternatives);
        }

        var now = time.GetUtcNow();
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        using var certificate = request.Create(_certificate, now.AddMinutes(-5), now + LeafLife, serial);
        return certificate.CopyWithPrivateKey(key);
    }
}
