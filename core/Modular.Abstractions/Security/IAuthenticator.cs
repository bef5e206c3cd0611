using System.Security.Cryptography.X509Certificates;

namespace Modular.Abstractions;

/// <summary>Finds out who a request comes from. Asked in order until one knows.</summary>
[Contract("modular.authenticator", "0.1.0", ContractCardinality.Many)]
public interface IAuthenticator
{
    /// <summary>Judges the credentials. Never throws for bad ones.</summary>
    ValueTask<AuthenticationResult> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken);
}

/// <summary>What a request shows of its sender.</summary>
public sealed record AuthenticationRequest
{
    /// <summary>The bearer token, or empty.</summary>
    public string BearerToken { get; init; } = "";

    /// <summary>The certificate the TLS client proved to own, or null. Whether to trust it is the authenticator's question.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}

/// <summary>Somebody (User), nobody this authenticator knows (neither), or proof that is wrong (Error).</summary>
public sealed record AuthenticationResult
{
    /// <summary>The request carries nothing this authenticator understands.</summary>
    public static AuthenticationResult Unknown { get; } = new();

    /// <summary>Who it is; null if not known.</summary>
    public UserInfo? User { get; init; }

    /// <summary>Why the proof is refused; empty if it is not.</summary>
    public string Error { get; init; } = "";
}
