using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>Each rule that an authorizer breaks is caught by the test for it; one that breaks none passes.</summary>
public sealed class AuthorizerFaultTests
{
    private static readonly Dictionary<string, Func<AuthorizationRequest, bool>> Faults = new(StringComparer.Ordinal)
    {
        [nameof(AuthorizerTests.DecisionsStayTheSameHoweverManyAsk)] = request => request.Resource == "pods" || Sound(request),
        [nameof(AuthorizerTests.SomebodysRightsAreNobodysElse)] = request => Sound(request with { User = new UserInfo(request.User.Name.ToLowerInvariant()) }),
        [nameof(AuthorizerTests.NonsenseIsNotAllowed)] = request => request.Verb.Length == 0 || Sound(request),
    };

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(AuthorizerTests))];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_broken_rule_is_caught(string test) => Assert.NotNull(await ContractTestRun.RunAsync(test, () => new TestsOf(Faults[test])));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_authorizer_passes(string test) => Assert.Null(await ContractTestRun.RunAsync(test, () => new TestsOf(Sound)));

    private static bool Sound(AuthorizationRequest request) => request is { User.Name: "carla", Verb: "get", Resource: "pods" };

    private sealed class TestsOf(Func<AuthorizationRequest, bool> allows) : AuthorizerTests, IAuthorizer
    {
        protected override AuthorizationRequest Allowed => new() { User = new UserInfo("carla"), Verb = "get", Resource = "pods" };

        protected override AuthorizationRequest Refused => Allowed with { Verb = "list" };

        public ValueTask<AuthorizationResult> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
            new(new AuthorizationResult(allows(request) ? AuthorizationDecision.Allow : AuthorizationDecision.NoOpinion));

        protected override ValueTask<IAuthorizer> StartAsync() => new(this);
    }
}
