namespace Modular.Kernel.Tests;

public sealed class ManifestAuthorizerTests
{
    private static readonly UserInfo Somebody = new("somebody") { Groups = ["system:authenticated"] };

    [Theory]
    [InlineData("/readyz", "get", true, true)]
    [InlineData("/version", "get", true, true)]
    [InlineData("/readyz", "post", false, false)]
    [InlineData("/readyz/plugins", "get", false, true)]
    [InlineData("/apis", "get", false, true)]
    [InlineData("/apis/apps/v1", "get", false, true)]
    [InlineData("/apisx", "get", false, false)]
    [InlineData("/metrics", "get", false, false)]
    public async Task Anybody_may_see_how_the_api_is_and_who_is_somebody_what_it_offers(string path, string verb, bool anybody, bool somebody)
    {
        Assert.Equal(anybody, await AllowsAsync(UserInfo.Anonymous, path, verb));
        Assert.Equal(somebody, await AllowsAsync(Somebody, path, verb));
    }

    private static async Task<bool> AllowsAsync(UserInfo user, string path, string verb)
    {
        var request = new AuthorizationRequest { User = user, Verb = verb, Path = path };
        var result = await new ManifestAuthorizer().AuthorizeAsync(request, TestContext.Current.CancellationToken);
        return result.Decision == AuthorizationDecision.Allow;
    }
}
