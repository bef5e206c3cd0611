using System.Formats.Asn1;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Modular.Plugins.AuthCertificate;

/// <summary>
/// Trusts certificates that an authority of the file issued for clients. A connection shows the same certificate with every request, so
/// each is examined once; afterwards only its validity is looked at.
/// </summary>
internal sealed class ClientCertificateAuthenticator(TrustedAuthorities authorities, TimeProvider time) : IAuthenticator, IDisposable
{
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    private const string Authenticated = "system:authenticated";

    private readonly ConditionalWeakTable<X509Certificate2, Verdict> _verdicts = [];

    /// <inheritdoc />
    public ValueTask<AuthenticationResult> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        if (request.ClientCertificate is not { } certificate)
        {
            return ValueTask.FromResult(AuthenticationResult.Unknown);
        }

        var trusted = authorities.Current();
        var now = time.GetUtcNow().UtcDateTime;
        if (!_verdicts.TryGetValue(certificate, out var verdict) || !verdict.Holds(trusted, now))
        {
            verdict = Examine(certificate, trusted, now);
            _verdicts.AddOrUpdate(certificate, verdict);
        }

        return ValueTask.FromResult(verdict.Result);
    }

    public void Dispose() => authorities.Dispose();

    private static Verdict Examine(X509Certificate2 certificate, X509Certificate2Collection trusted, DateTime now)
    {
        var (notBefore, notAfter) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        if (now < notBefore || now > notAfter)
        {
            var when = now < notBefore ? $"is not valid before {notBefore:u}" : $"expired at {notAfter:u}";
            return new Verdict(trusted, DateTime.MinValue, DateTime.MinValue, Refuse($"the client certificate {when}"));
        }

        return new Verdict(trusted, notBefore, notAfter, Judge(certificate, trusted, now));
    }

    private static AuthenticationResult Judge(X509Certificate2 certificate, X509Certificate2Collection trusted, DateTime now)
    {
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
                VerificationTime = now,
            },
        };
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientUsage));
        try
        {
            if (!chain.Build(certificate))
            {
                return Refuse($"the client certificate is not trusted: {Explain(chain)}");
            }

            var subject = SubjectName.Read(certificate.SubjectName);
            return subject.CommonName.Length == 0
                ? AuthenticationResult.Unknown
                : new AuthenticationResult { User = new UserInfo(subject.CommonName) { Groups = GroupsOf(subject) } };
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException)
        {
            return Refuse($"the client certificate is malformed: {e.Message}");
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    private static IReadOnlyList<string> GroupsOf(SubjectName subject) =>
        subject.Organizations.Contains(Authenticated) ? subject.Organizations : [.. subject.Organizations, Authenticated];

    private static string Explain(X509Chain chain)
    {
        foreach (var status in chain.ChainStatus)
        {
            if (status.Status != X509ChainStatusFlags.NoError)
            {
                return status.StatusInformation.Trim();
            }
        }

        return "no trusted authority issued it";
    }

    private static AuthenticationResult Refuse(string error) => new() { Error = error };

    private sealed record Verdict(X509Certificate2Collection Trusted, DateTime From, DateTime Until, AuthenticationResult Result)
    {
        public bool Holds(X509Certificate2Collection trusted, DateTime now) => ReferenceEquals(Trusted, trusted) && now >= From && now <= Until;
    }
}
