using System.Text.Json.Nodes;

namespace Modular.Kernel.Tests;

/// <summary>A kind that is created to act on an object of another, which it names.</summary>
public sealed class NamedActionTests : IAsyncLifetime
{
    private TestKernel _kernel = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _kernel = await TestKernel.StartAsync();
        await _kernel.CreateNamedAsync("a");
    }

    public ValueTask DisposeAsync() => _kernel.DisposeAsync();

    [Fact]
    public async Task It_acts_on_the_object_it_names_as_the_subresource_does()
    {
        var done = await CreateAsync("""{"metadata":{"name":"a"},"node":"n1"}""");
        Assert.Equal((true, null), (done.Created, done.Object));
        Assert.Equal("n1", (await _kernel.GetAsync("a")).ToJsonObject().GetString("spec.node"));
        var again = await Assert.ThrowsAsync<ApiException>(() => CreateAsync("""{"metadata":{"name":"a"},"node":"n2"}"""));
        Assert.Equal((StatusReason.Conflict, "already on n1"), (again.Reason, again.Message));
    }

    [Fact]
    public async Task A_trial_changes_nothing()
    {
        await CreateAsync("""{"metadata":{"name":"a"},"node":"n1"}""", new WriteOptions { DryRun = true });
        Assert.Null((await _kernel.GetAsync("a")).ToJsonObject().GetString("spec.node"));
    }

    [Theory]
    [InlineData("""{"node":"n1"}""", StatusReason.BadRequest, "metadata.name must be the name of one of the widgets")]
    [InlineData("""{"metadata":{"name":7},"node":"n1"}""", StatusReason.BadRequest, "metadata.name must be the name of one of the widgets")]
    [InlineData("""{"metadata":7,"node":"n1"}""", StatusReason.BadRequest, "metadata.name must be the name of one of the widgets")]
    [InlineData("[]", StatusReason.BadRequest, "metadata.name must be the name of one of the widgets")]
    [InlineData("""{"metadata":{"name":"b"},"node":"n1"}""", StatusReason.NotFound, "widgets.test.dev \"b\" not found")]
    [InlineData(
        """{"metadata":{"name":"a","namespace":"x"},"node":"n1"}""", StatusReason.BadRequest,
        "the namespace of the provided object does not match the namespace sent on the request")]
    public async Task What_names_no_object_is_refused(string body, StatusReason reason, string message)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(() => CreateAsync(body));
        Assert.Equal((reason, message), (refused.Reason, refused.Message));
    }

    [Fact]
    public async Task Who_may_create_it_needs_no_right_to_the_subresource()
    {
        var user = new UserInfo("system:plugin:p");
        var refused = await Assert.ThrowsAsync<ApiException>(() => CreateAsync("""{"metadata":{"name":"a"},"node":"n1"}""", user: user));
        Assert.Equal(StatusReason.Forbidden, refused.Reason);
        Assert.Contains("cannot create resource \"bindings\"", refused.Message, StringComparison.Ordinal);
        _kernel.Kernel.Permissions.Register(user.Name, [new PermissionRule { ApiGroups = ["test.dev"], Resources = ["bindings"], Verbs = ["create"] }]);
        Assert.True((await CreateAsync("""{"metadata":{"name":"a"},"node":"n1"}""", user: user)).Created);
    }

    [Fact]
    public async Task Nothing_else_can_be_done_with_it() => Assert.Equal(
        StatusReason.MethodNotAllowed,
        (await Assert.ThrowsAsync<ApiException>(async () => await _kernel.Pipeline.ListAsync(Request("list", TestKernel.Admin), new ListOptions(), Token))).Reason);

    [Fact]
    public void A_kind_that_acts_on_what_has_no_such_action_is_not_served()
    {
        var (widget, binding) = (Kinds.Widget(), Kinds.Binding());
        ResourceDefinition[] wrong =
        [
            binding with { ActsOn = new ResourceAction(Kinds.Tokens, "binding") },
            binding with { ActsOn = new ResourceAction(Kinds.Widgets, "status") },
            binding with { ActsOn = new ResourceAction(Kinds.Widgets, "other") },
            binding with { Kind = binding.Kind with { Kind = "Other" } },
            binding with { Namespaced = false },
            binding with { Review = ReviewType.SelfSubject },
            binding with { Verbs = ["create", "get"] },
        ];
        Assert.Equal(2, ResourceSnapshot.Build([("one", [widget, binding])], 1, []).All.Count);
        Assert.All(wrong, kind => Assert.Throws<InvalidOperationException>(() => ResourceSnapshot.Build([("one", [widget, kind])], 1, [])));
    }

    private async Task<WriteResult> CreateAsync(string body, WriteOptions? options = null, UserInfo? user = null) =>
        await _kernel.Pipeline.CreateAsync(Request("create", user ?? TestKernel.Admin), new RequestBody(JsonNode.Parse(body)!, []), options ?? new WriteOptions(), Token);

    private static ApiRequest Request(string verb, UserInfo user) => new() { User = user, Verb = verb, Resource = Kinds.Bindings, Namespace = "default" };
}
