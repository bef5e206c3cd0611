using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>
/// What every authorizer has to do. An author derives a class, says how it is made and names a request that it allows and one that it does
/// not, and has these tests.
/// </summary>
public abstract class AuthorizerTests : IAsyncLifetime
{
    private IAuthorizer? _authorizer;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A request for a resource that is allowed.</summary>
    protected abstract AuthorizationRequest Allowed { get; }

    /// <summary>A request by the same user that is not allowed.</summary>
    protected abstract AuthorizationRequest Refused { get; }

    /// <summary>Makes the authorizer; called once for each test.</summary>
    protected abstract ValueTask<IAuthorizer> StartAsync();

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _authorizer = await StartAsync();

    /// <summary>Ends what was made.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>What is allowed is so, what is not is not, as often and by as many at once as ask.</summary>
    [Fact]
    public async Task DecisionsStayTheSameHoweverManyAsk()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () => await DecideAsync(i % 2 == 0 ? Allowed : Refused), Token)));
        Assert.All(results.Index(), result => Assert.Equal(result.Index % 2 == 0, result.Item == AuthorizationDecision.Allow));
    }

    /// <summary>Nobody has what somebody has.</summary>
    [Fact]
    public async Task SomebodysRightsAreNobodysElse()
    {
        Assert.NotEqual(AuthorizationDecision.Allow, await DecideAsync(Allowed with { User = UserInfo.Anonymous }));
        Assert.NotEqual(AuthorizationDecision.Allow, await DecideAsync(Allowed with { User = new UserInfo(Allowed.User.Name.ToUpperInvariant()) }));
        Assert.NotEqual(AuthorizationDecision.Allow, await DecideAsync(Allowed with { User = new UserInfo(Allowed.User.Name + " ") }));
    }

    /// <summary>A request that makes no sense is not allowed, and is no exception.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("\0")]
    [InlineData("../..")]
    [InlineData("a/b/c")]
    public async Task NonsenseIsNotAllowed(string nonsense)
    {
        foreach (var text in new[] { nonsense, string.Concat(Enumerable.Repeat(nonsense, 20_000)) })
        {
            Assert.NotEqual(AuthorizationDecision.Allow, await DecideAsync(Refused with { Verb = text }));
            Assert.NotEqual(AuthorizationDecision.Allow, await DecideAsync(Refused with { Resource = text }));
            Assert.NotEqual(AuthorizationDecision.Allow, await DecideAsync(Allowed with { User = new UserInfo(text) }));
            Assert.NotEqual(AuthorizationDecision.Allow, await DecideAsync(Allowed with { Verb = text }));
        }
    }

    private async Task<AuthorizationDecision> DecideAsync(AuthorizationRequest request) => (await _authorizer!.AuthorizeAsync(request, Token)).Decision;
}
