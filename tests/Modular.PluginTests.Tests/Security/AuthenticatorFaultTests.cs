using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>Each rule that an authenticator breaks is caught by the test for it; one that breaks none passes.</summary>
public sealed class AuthenticatorFaultTests
{
    private const string Token = "secret";

    private static readonly Dictionary<string, Func<AuthenticationRequest, AuthenticationResult>> Faults = new(StringComparer.Ordinal)
    {
        [nameof(AuthenticatorTests.WhoShowsNothingIsNobody)] = request => request.BearerToken.Length == 0 ? new AuthenticationResult { Error = "no token" } : Sound(request),
        [nameof(AuthenticatorTests.NonsenseMakesNobodySomebody)] = request => request.BearerToken.Contains('\0', StringComparison.Ordinal) ? throw new FormatException("no token") : Sound(request),
        [nameof(AuthenticatorTests.ACertificateOfOnesOwnMakesNobodySomebody)] = request => request.ClientCertificate is { } shown ? Somebody(shown.Subject) : Sound(request),
        [nameof(AuthenticatorTests.SomebodyIsKnownHoweverManyAsk)] = request => Sound(request) is { User: { } user } ? new AuthenticationResult { User = user with { Groups = [] } } : Sound(request),
        [nameof(AuthenticatorTests.NonsenseBesideAProofMakesNobodyElse)] = request => request.ClientCertificate is null ? Somebody("whoever") : Sound(request),
    };

    public static TheoryData<string> Tests => [.. ContractTestRun.TestsOf(typeof(AuthenticatorTests))];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_broken_rule_is_caught(string test) => Assert.NotNull(await ContractTestRun.RunAsync(test, () => new TestsOf(Faults[test])));

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task A_sound_authenticator_passes(string test) => Assert.Null(await ContractTestRun.RunAsync(test, () => new TestsOf(Sound)));

    private static AuthenticationResult Sound(AuthenticationRequest request) => request.BearerToken == Token ? Somebody("carla") : AuthenticationResult.Unknown;

    private static AuthenticationResult Somebody(string name) => new() { User = new UserInfo(name) { Groups = ["system:authenticated"] } };

    private sealed class TestsOf(Func<AuthenticationRequest, AuthenticationResult> answer) : AuthenticatorTests, IAuthenticator
    {
        protected override AuthenticationRequest? Known => new() { BearerToken = Token };

        protected override string KnownName => "carla";

        public ValueTask<AuthenticationResult> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken) => new(answer(request));

        protected override ValueTask<IAuthenticator> StartAsync() => new(this);
    }
}
