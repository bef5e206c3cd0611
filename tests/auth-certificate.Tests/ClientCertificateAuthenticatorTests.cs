using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;

namespace Modular.Plugins.AuthCertificate.Tests;

public sealed class ClientCertificateAuthenticatorTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("auth-certificate").FullName, "ca.crt");
    private readonly TestAuthority _authority = new("authority");
    private readonly FakeTimeProvider _time = new(TestAuthority.Day);
    private readonly ClientCertificateAuthenticator _authenticator;

    public ClientCertificateAuthenticatorTests()
    {
        File.WriteAllText(_file, _authority.Pem);
        _authenticator = new ClientCertificateAuthenticator(new TrustedAuthorities(_file, _time), _time);
    }

    [Fact]
    public async Task The_common_name_is_the_user_and_the_organizations_are_the_groups()
    {
        using var certificate = _authority.Issue("O=builders, O=painters, CN=carla");
        var result = await AskAsync(certificate);
        Assert.Equal("carla", result.User!.Name);
        Assert.Equal(["builders", "painters", "system:authenticated"], result.User.Groups.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Organizations_in_one_set_are_all_read()
    {
        using var certificate = _authority.Issue(OneSet("carla", "builders", "painters"));
        var result = await AskAsync(certificate);
        Assert.Equal(["builders", "painters", "system:authenticated"], result.User!.Groups);
    }

    [Fact]
    public async Task Without_a_common_name_nobody_is_known()
    {
        using var certificate = _authority.Issue("O=builders");
        var result = await AskAsync(certificate);
        Assert.Null(result.User);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task An_unknown_authority_is_refused()
    {
        using var other = new TestAuthority("authority");
        using var certificate = other.Issue("CN=carla");
        var result = await AskAsync(certificate);
        Assert.Null(result.User);
        Assert.Contains("not trusted", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_servers_certificate_is_refused()
    {
        using var certificate = _authority.Issue("CN=carla", TestAuthority.ServerUsage);
        Assert.Contains("not trusted", (await AskAsync(certificate)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_does_not_say_its_use_is_good_for_clients()
    {
        using var certificate = _authority.Issue("CN=carla", usage: null);
        Assert.Equal("carla", (await AskAsync(certificate)).User!.Name);
    }

    [Theory]
    [InlineData(-2, "is not valid before")]
    [InlineData(2, "expired")]
    public async Task Validity_is_judged_by_the_clock(int days, string error)
    {
        using var certificate = _authority.Issue("CN=carla");
        _time.AdjustTime(TestAuthority.Day.AddDays(days));
        Assert.Contains(error, (await AskAsync(certificate)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_expires_on_an_open_connection()
    {
        using var certificate = _authority.Issue("CN=carla");
        Assert.NotNull((await AskAsync(certificate)).User);
        _time.AdjustTime(TestAuthority.Day.AddDays(2));
        Assert.Null((await AskAsync(certificate)).User);
    }

    [Fact]
    public async Task A_replaced_file_counts_within_a_second()
    {
        using var certificate = _authority.Issue("CN=carla");
        Assert.NotNull((await AskAsync(certificate)).User);
        using var other = new TestAuthority("other");
        await File.WriteAllTextAsync(_file, other.Pem, TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(_file, new DateTime(2031, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.NotNull((await AskAsync(certificate)).User);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await AskAsync(certificate)).User);
        using var newer = other.Issue("CN=doris");
        Assert.Equal("doris", (await AskAsync(newer)).User!.Name);
    }

    [Fact]
    public void A_file_without_a_certificate_is_refused()
    {
        File.WriteAllText(_file, "nothing");
        Assert.Throws<InvalidDataException>(() => new TrustedAuthorities(_file, _time));
    }

    public void Dispose()
    {
        _authenticator.Dispose();
        _authority.Dispose();
        Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
    }

    private async Task<AuthenticationResult> AskAsync(X509Certificate2? certificate) =>
        await _authenticator.AuthenticateAsync(new AuthenticationRequest { ClientCertificate = certificate }, TestContext.Current.CancellationToken);

    private static X500DistinguishedName OneSet(string commonName, params string[] organizations)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSetOf())
            {
                foreach (var organization in organizations)
                {
                    WriteAttribute(writer, "2.5.4.10", organization);
                }
            }

            using (writer.PushSetOf())
            {
                WriteAttribute(writer, "2.5.4.3", commonName);
            }
        }

        return new X500DistinguishedName(writer.Encode());
    }

    private static void WriteAttribute(AsnWriter writer, string id, string value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(id);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, value);
        }
    }
}
