using Microsoft.Extensions.Logging.Abstractions;

namespace Modular.Kernel.Tests;

/// <summary>Those who judge requests fail: nothing is let through that would not be otherwise.</summary>
public sealed class FailingSecurityTests
{
    private static readonly AuthorizationRequest Request = new() { User = new UserInfo("carla"), Verb = "get", Version = "v1", Resource = "pods" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whom_another_knows_is_known()
    {
        var chain = Authentication(new Authenticator(null), new Authenticator(new AuthenticationResult { User = new UserInfo("carla") }));
        Assert.Equal("carla", (await chain.AuthenticateAsync(new AuthenticationRequest(), Token)).User!.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("the token has expired")]
    public async Task Whom_nobody_else_knows_is_neither_somebody_nor_nobody(string error)
    {
        var chain = Authentication(new Authenticator(new AuthenticationResult { Error = error }), new Authenticator(null));
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await chain.AuthenticateAsync(new AuthenticationRequest(), Token));
        Assert.Equal((503, 1, "authenticator fixed failed, and no other knows who asks; try again"), (refused.Status.Code, refused.Status.RetryAfterSeconds, refused.Message));
    }

    [Fact]
    public async Task A_sender_who_gives_up_is_no_failure()
    {
        using var left = new CancellationTokenSource();
        await left.CancelAsync();
        var chain = Authentication(new Authenticator(null));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await chain.AuthenticateAsync(new AuthenticationRequest(), left.Token));
    }

    [Fact]
    public async Task An_authorizer_that_fails_allows_nothing()
    {
        var chain = Authorization(new Authorizer(null));
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await chain.DemandAsync(Request, Token));
        Assert.Equal(403, refused.Status.Code);
        Assert.EndsWith("at the cluster scope: authorizer fixed failed", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AuthorizationDecision.Allow, true)]
    [InlineData(AuthorizationDecision.Deny, false)]
    public async Task Behind_an_authorizer_that_fails_the_next_decides(AuthorizationDecision decision, bool passes)
    {
        var demand = Authorization(new Authorizer(null), new Authorizer(decision)).DemandAsync(Request, Token).AsTask();
        Assert.Equal(passes, await Record.ExceptionAsync(() => demand) is null);
    }

    [Fact]
    public async Task Nothing_is_written_that_admission_fails_to_judge()
    {
        await using var kernel = await TestKernel.StartAsync(null, new Admission());
        var refused = await Assert.ThrowsAsync<ApiException>(() => kernel.CreateNamedAsync("one"));
        Assert.Equal((500, "admission plugin fixed failed, so nothing is written: the rules are lost"), (refused.Status.Code, refused.Message));
        var missing = await Assert.ThrowsAsync<ApiException>(async () => await kernel.GetAsync("one"));
        Assert.Equal(StatusReason.NotFound, missing.Reason);
    }

    private static AuthenticationChain Authentication(params IAuthenticator[] authenticators) =>
        new(new FixedContractHandle<IAuthenticator>(authenticators), NullLogger.Instance);

    private static AuthorizationChain Authorization(params IAuthorizer[] authorizers) =>
        new(new FixedContractHandle<IAuthorizer>(authorizers), new ManifestAuthorizer(), NullLogger.Instance);

    private sealed class Authenticator(AuthenticationResult? result) : IAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken) =>
            ValueTask.FromResult(result ?? throw new InvalidOperationException("the users are lost"));
    }

    private sealed class Authorizer(AuthorizationDecision? decision) : IAuthorizer
    {
        public ValueTask<AuthorizationResult> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new AuthorizationResult(decision ?? throw new InvalidOperationException("the roles are lost")));
    }

    private sealed class Admission : IAdmission
    {
        public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) => resource == Kinds.Widgets;

        public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken) => throw new InvalidOperationException("the rules are lost");
    }
}
