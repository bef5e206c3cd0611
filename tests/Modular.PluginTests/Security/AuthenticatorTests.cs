using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>
/// What every authenticator has to do. An author derives a class, says how it is made, and has these tests; those about somebody it knows
/// are skipped unless the class shows a request of theirs.
/// </summary>
public abstract class AuthenticatorTests : IAsyncLifetime
{
    private IAuthenticator? _authenticator;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What somebody shows whom the authenticator knows; null if there is no such request.</summary>
    protected virtual AuthenticationRequest? Known => null;

    /// <summary>The name of the one who shows <see cref="Known"/>.</summary>
    protected virtual string KnownName => "";

    /// <summary>Makes the authenticator; called once for each test.</summary>
    protected abstract ValueTask<IAuthenticator> StartAsync();

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _authenticator = await StartAsync();

    /// <summary>Ends what was made.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A request that shows nothing is nobody's, and nothing is wrong with it.</summary>
    [Fact]
    public async Task WhoShowsNothingIsNobody()
    {
        var result = await _authenticator!.AuthenticateAsync(new AuthenticationRequest(), Token);
        Assert.Equal((null, ""), (result.User, result.Error));
    }

    /// <summary>Tokens that make no sense make nobody somebody, and are no exception.</summary>
    [Theory]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("\0")]
    [InlineData("ä \r\n")]
    [InlineData("{\"sub\": \"admin\"}")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.")]
    public async Task NonsenseMakesNobodySomebody(string token)
    {
        foreach (var shown in new[] { token, string.Concat(Enumerable.Repeat(token, 20_000)) })
        {
            Assert.Null((await _authenticator!.AuthenticateAsync(new AuthenticationRequest { BearerToken = shown }, Token)).User);
        }
    }

    /// <summary>A certificate that its owner made makes nobody somebody.</summary>
    [Fact]
    public async Task ACertificateOfOnesOwnMakesNobodySomebody()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("O=system:masters, CN=admin", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Assert.Null((await _authenticator!.AuthenticateAsync(new AuthenticationRequest { ClientCertificate = certificate }, Token)).User);
    }

    /// <summary>Somebody is known by name, as often and by as many at once as ask, and is among those who are authenticated.</summary>
    [Fact]
    public async Task SomebodyIsKnownHoweverManyAsk()
    {
        var known = Known;
        Assert.SkipWhen(known is null, "the class shows no request of somebody whom the authenticator knows");
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () => await _authenticator!.AuthenticateAsync(known, Token), Token)));
        Assert.All(results, result =>
        {
            Assert.Equal((KnownName, ""), (result.User?.Name, result.Error));
            Assert.Contains("system:authenticated", result.User!.Groups);
        });
    }

    /// <summary>Who is known is so by the proof, whatever else the request shows.</summary>
    [Fact]
    public async Task NonsenseBesideAProofMakesNobodyElse()
    {
        var known = Known;
        Assert.SkipWhen(known is null, "the class shows no request of somebody whom the authenticator knows");
        var result = await _authenticator!.AuthenticateAsync(known with { BearerToken = known.BearerToken.Length > 0 ? known.BearerToken : "admin" }, Token);
        Assert.True(result.User is null || result.User.Name == KnownName, $"it is {result.User?.Name}");
    }
}
