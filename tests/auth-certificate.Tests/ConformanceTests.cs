using Microsoft.Extensions.Time.Testing;
using Modular.PluginTests;

namespace Modular.Plugins.AuthCertificate.Tests;

/// <summary>What every authenticator has to do, asked of this one.</summary>
public sealed class ConformanceTests : AuthenticatorTests
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("auth-certificate").FullName, "ca.crt");
    private readonly TestAuthority _authority = new("authority");
    private ClientCertificateAuthenticator? _authenticator;

    protected override AuthenticationRequest? Known => new() { ClientCertificate = _authority.Issue($"O=builders, CN={KnownName}") };

    protected override string KnownName => "carla";

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _authenticator?.Dispose();
        _authority.Dispose();
        Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
        await base.DisposeAsync();
    }

    protected override ValueTask<IAuthenticator> StartAsync()
    {
        File.WriteAllText(_file, _authority.Pem);
        return new(_authenticator = new ClientCertificateAuthenticator(new TrustedAuthorities(_file, new FakeTimeProvider(TestAuthority.Day)), new FakeTimeProvider(TestAuthority.Day)));
    }
}
