using System.Security.Cryptography;
using System.Text.Json;

namespace Modular.Plugins.AuthCertificate;

/// <summary>Provides an authenticator for TLS client certificates.</summary>
public sealed class AuthCertificatePlugin : IPlugin
{
    private ClientCertificateAuthenticator? _authenticator;

    /// <inheritdoc />
    public ValueTask ProvisionAsync(IPluginContext context, CancellationToken cancellationToken)
    {
        var path = context.Configuration.TryGetProperty("clientCAFile", out var setting) && setting.ValueKind == JsonValueKind.String
            ? setting.GetString()!
            : context.Host.CertificateAuthorityFile;
        if (path.Length == 0)
        {
            throw new InvalidOperationException("clientCAFile is not set and the host has no authority of its own: name the PEM file of the authorities to trust");
        }

        try
        {
            _authenticator = new ClientCertificateAuthenticator(new TrustedAuthorities(path, context.Time), context.Time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or InvalidDataException)
        {
            throw new InvalidOperationException($"clientCAFile {path} cannot be used: {e.Message}", e);
        }

        context.Provide<IAuthenticator>(_authenticator);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _authenticator?.Dispose();
        return ValueTask.CompletedTask;
    }
}
