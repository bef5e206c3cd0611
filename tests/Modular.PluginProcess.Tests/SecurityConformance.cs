using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Modular.Abstractions;
using Modular.PluginTests;

namespace Modular.PluginProcess.Tests;

/// <summary>What every authenticator has to do, asked of this repository's, here and in a process of its own.</summary>
public abstract class AuthenticatorConformance(bool isProcess) : AuthenticatorTests
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private X509Certificate2? _authority;
    private PluginUnderTest? _test;

    protected override AuthenticationRequest? Known => new() { ClientCertificate = Issue() };

    protected override string KnownName => "carla";

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }

        _authority?.Dispose();
        _key.Dispose();
        await base.DisposeAsync();
    }

    protected override async ValueTask<IAuthenticator> StartAsync()
    {
        var request = new CertificateRequest("CN=authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _test = await PluginUnderTest.StartAsync("auth-certificate", isProcess, prepare: context =>
        {
            var file = Path.Combine(context.DataDirectory, "ca.crt");
            File.WriteAllText(file, _authority.ExportCertificatePem());
            context.CertificateAuthorityFile = file;
        });
        return _test.Provided<IAuthenticator>();
    }

    private X509Certificate2 Issue()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={KnownName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        return request.Create(_authority!, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1]);
    }
}

public sealed class CertificatesInProcessTests() : AuthenticatorConformance(isProcess: false);

public sealed class CertificatesInTheirOwnProcessTests() : AuthenticatorConformance(isProcess: true);

/// <summary>What every authorizer has to do, asked of one here and in a process of its own; no plugin of this repository is one yet.</summary>
public abstract class AuthorizerConformance(bool isProcess) : AuthorizerTests
{
    private PluginUnderTest? _test;

    protected override AuthorizationRequest Allowed => new() { User = new UserInfo("carla"), Verb = "get", Resource = "pods" };

    protected override AuthorizationRequest Refused => Allowed with { Verb = "delete" };

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override async ValueTask<IAuthorizer> StartAsync()
    {
        _test = await PluginUnderTest.StartAsync("security-fixture", isProcess);
        return _test.Provided<IAuthorizer>();
    }
}

public sealed class AuthorizerInProcessTests() : AuthorizerConformance(isProcess: false);

public sealed class AuthorizerInItsOwnProcessTests() : AuthorizerConformance(isProcess: true);

/// <summary>What every admission plugin has to do, asked of this repository's, here and in a process of its own.</summary>
public abstract class AdmissionConformance(bool isProcess) : AdmissionTests
{
    private PluginUnderTest? _test;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_test is not null)
        {
            await _test.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override async ValueTask<IAdmission> StartAsync()
    {
        _test = await PluginUnderTest.StartAsync("admission-kubernetes", isProcess);
        return _test.Provided<IAdmission>();
    }
}

public sealed class AdmissionInProcessTests() : AdmissionConformance(isProcess: false);

public sealed class AdmissionInItsOwnProcessTests() : AdmissionConformance(isProcess: true);
