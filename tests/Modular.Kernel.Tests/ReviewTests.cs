using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Modular.Kernel.Tests;

/// <summary>Questions about users and rights, which are answered and not stored.</summary>
public sealed class ReviewTests : IAsyncLifetime
{
    private static readonly UserInfo Nobody = new("nobody") { Groups = ["system:authenticated"], Uid = "u1" };

    private TestKernel _kernel = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _kernel = await TestKernel.StartAsync();

    public ValueTask DisposeAsync() => _kernel.DisposeAsync();

    [Fact]
    public async Task Everybody_learns_who_he_is()
    {
        var answer = await AskAsync(ReviewType.SelfSubject, "{}", Nobody);
        Assert.Equal("""{"userInfo":{"username":"nobody","uid":"u1","groups":["system:authenticated"]}}""", answer["status"]!.ToJsonString());
        Assert.Null(answer.GetString("metadata.uid"));
    }

    [Fact]
    public async Task Everybody_learns_what_else_is_known_of_him()
    {
        var user = Nobody with { Extra = new Dictionary<string, IReadOnlyList<string>> { ["example.org/reason"] = ["a", "b"] } };
        var answer = await AskAsync(ReviewType.SelfSubject, "{}", user);
        Assert.Equal("""{"example.org/reason":["a","b"]}""", answer["status"]!["userInfo"]!["extra"]!.ToJsonString());
    }

    [Theory]
    [InlineData("admin", """{"resourceAttributes":{"verb":"delete","resource":"pods","namespace":"x"}}""", """{"allowed":true}""")]
    [InlineData("nobody", """{"resourceAttributes":{"verb":"get","resource":"pods","namespace":"x"}}""", """{"allowed":false}""")]
    [InlineData("nobody", """{"nonResourceAttributes":{"verb":"get","path":"/version"}}""", """{"allowed":true}""")]
    [InlineData("nobody", """{"nonResourceAttributes":{"verb":"get","path":"/metrics"}}""", """{"allowed":false}""")]
    public async Task Everybody_learns_what_he_may(string user, string spec, string status)
    {
        var answer = await AskAsync(ReviewType.SelfSubjectAccess, spec, user == "admin" ? TestKernel.Admin : Nobody);
        Assert.Equal(status, answer["status"]!.ToJsonString());
    }

    [Fact]
    public async Task Of_others_only_who_may_learns_it()
    {
        const string Question = """{"user":"system:plugin:p","resourceAttributes":{"verb":"list","resource":"pods","namespace":"default"}}""";
        _kernel.Kernel.Permissions.Register("system:plugin:p", [new PermissionRule { Resources = ["pods"], Verbs = ["list"] }]);
        Assert.Equal("""{"allowed":true}""", (await AskAsync(ReviewType.SubjectAccess, Question, TestKernel.Admin))["status"]!.ToJsonString());
        Assert.Equal("""{"allowed":true}""", (await AskAsync(ReviewType.LocalSubjectAccess, Question, TestKernel.Admin))["status"]!.ToJsonString());
        var refused = await Assert.ThrowsAsync<ApiException>(() => AskAsync(ReviewType.SubjectAccess, Question, Nobody));
        Assert.Equal(StatusReason.Forbidden, refused.Reason);
    }

    [Theory]
    [InlineData(ReviewType.SubjectAccess)]
    [InlineData(ReviewType.LocalSubjectAccess)]
    public async Task What_else_is_known_of_somebody_reaches_who_decides(ReviewType type)
    {
        var authorizer = new Listener();
        var chain = new AuthorizationChain(new FixedContractHandle<IAuthorizer>(authorizer), new ManifestAuthorizer(), NullLogger.Instance);
        var body = TestKernel.Body(
            """{"spec":{"user":"u","extra":{"Example.org/Reason":["a","b"],"Scopes":["x"],"scopes":[]},"resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}}""");
        await new Reviewer(chain).AnswerAsync(Kinds.Review(type), Request(type, TestKernel.Admin), body, new WriteOptions(), Token);
        Assert.Equal(
            [("example.org/reason", "a,b"), ("scopes", "")],
            authorizer.Asked!.User.Extra.OrderBy(extra => extra.Key, StringComparer.Ordinal).Select(extra => (extra.Key, string.Join(',', extra.Value))));
    }

    [Fact]
    public async Task Rules_are_told_as_far_as_they_are_known()
    {
        var all = await AskAsync(ReviewType.SelfSubjectRules, """{"namespace":"default"}""", TestKernel.Admin);
        Assert.Equal(
            """{"resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}],"nonResourceRules":[{"verbs":["*"],"nonResourceURLs":["*"]}],"incomplete":false}""",
            all["status"]!.ToJsonString());
        var some = await AskAsync(ReviewType.SelfSubjectRules, """{"namespace":"default"}""", Nobody);
        Assert.Equal("[]", some["status"]!["resourceRules"]!.ToJsonString());
        Assert.Contains("/version", some["status"]!["nonResourceRules"]![0]!["nonResourceURLs"]!.AsArray().Select(url => (string?)url));
    }

    [Theory]
    [InlineData(ReviewType.SelfSubjectAccess, "{}", "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified")]
    [InlineData(
        ReviewType.SelfSubjectAccess, """{"resourceAttributes":{},"nonResourceAttributes":{}}""",
        "spec.nonResourceAttributes: Invalid value: {}: cannot be specified in combination with resourceAttributes")]
    [InlineData(ReviewType.SubjectAccess, """{"resourceAttributes":{}}""", "spec.user: Invalid value: \"\": at least one of user or group must be specified")]
    [InlineData(
        ReviewType.LocalSubjectAccess, """{"user":"a","resourceAttributes":{"namespace":"other"}}""",
        "spec.resourceAttributes.namespace: Invalid value: \"other\": must match metadata.namespace")]
    [InlineData(ReviewType.SelfSubjectRules, "{}", "spec.namespace: Required value")]
    public async Task A_question_that_is_none_is_refused_by_field(ReviewType type, string spec, string message)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(() => AskAsync(type, spec, TestKernel.Admin));
        Assert.Equal(StatusReason.Invalid, refused.Reason);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_else_can_be_done_with_it()
    {
        var request = Request(ReviewType.SelfSubject, TestKernel.Admin) with { Verb = "list" };
        Assert.Equal(
            StatusReason.MethodNotAllowed, (await Assert.ThrowsAsync<ApiException>(async () => await _kernel.Pipeline.ListAsync(request, new ListOptions(), Token))).Reason);
    }

    private async Task<JsonObject> AskAsync(ReviewType type, string spec, UserInfo user)
    {
        var result = await _kernel.Pipeline.CreateAsync(Request(type, user), TestKernel.Body($$"""{"spec":{{spec}}}"""), new WriteOptions(), Token);
        return result.Object!.ToJsonObject();
    }

    private static ApiRequest Request(ReviewType type, UserInfo user) => new()
    {
        User = user,
        Verb = "create",
        Resource = Kinds.Review(type).Resource,
        Namespace = type == ReviewType.LocalSubjectAccess ? "default" : "",
    };

    private sealed class Listener : IAuthorizer
    {
        public AuthorizationRequest? Asked { get; private set; }

        public ValueTask<AuthorizationResult> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken)
        {
            Asked = request;
            return new(new AuthorizationResult(AuthorizationDecision.NoOpinion));
        }
    }
}
