namespace Modular.Kernel.Tests;

/// <summary>Kinds such as leases, whose holders write them without asking first whether they exist.</summary>
public sealed class UpdateOrCreateTests
{
    [Fact]
    public async Task An_update_creates_what_does_not_exist()
    {
        await using var kernel = await TestKernel.StartAsync();

        var made = await PutAsync(kernel, "a", """{"metadata":{"name":"a","resourceVersion":"7"},"holder":"me"}""");

        Assert.True(made.Created);
        Assert.Equal("me", made.Object!.ToJsonObject().GetString("holder"));
        Assert.NotEqual("", made.Object.Metadata.Uid);
    }

    [Fact]
    public async Task An_update_of_what_exists_must_name_its_revision()
    {
        await using var kernel = await TestKernel.StartAsync();
        var made = (await PutAsync(kernel, "a", """{"metadata":{"name":"a"},"holder":"me"}""")).Object!;

        var error = await Assert.ThrowsAsync<ApiException>(async () => await PutAsync(kernel, "a", """{"metadata":{"name":"a"},"holder":"you"}"""));
        var wrong = await Assert.ThrowsAsync<ApiException>(
            async () => await PutAsync(kernel, "a", """{"metadata":{"name":"a","resourceVersion":"1"},"holder":"you"}"""));
        var changed = await PutAsync(kernel, "a", $$$"""{"metadata":{"name":"a","resourceVersion":"{{{made.Revision}}}"},"holder":"you"}""");

        Assert.Equal(StatusReason.Invalid, error.Reason);
        Assert.Equal("Token.test.dev \"a\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update", error.Message);
        Assert.Equal(StatusReason.Conflict, wrong.Reason);
        Assert.False(changed.Created);
        Assert.Equal("you", changed.Object!.ToJsonObject().GetString("holder"));
    }

    [Fact]
    public async Task Many_who_update_what_does_not_exist_create_it_once()
    {
        await using var kernel = await TestKernel.StartAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            try
            {
                return (await PutAsync(kernel, "a", $$$"""{"metadata":{"name":"a"},"holder":"{{{i}}}"}""")).Created;
            }
            catch (ApiException late) when (late.Reason == StatusReason.Invalid)
            {
                return false;
            }
        }));

        Assert.Single(results, created => created);
    }

    [Theory]
    [InlineData("""{"metadata":{},"holder":"me"}""", "the name of the object (a based on URL) was undeterminable: metadata.name must be provided")]
    [InlineData("""{"metadata":{"name":"b"}}""", "the name of the object (b) does not match the name on the URL (a)")]
    public async Task The_name_is_that_of_the_url(string json, string message)
    {
        await using var kernel = await TestKernel.StartAsync();

        var error = await Assert.ThrowsAsync<ApiException>(async () => await PutAsync(kernel, "a", json));

        Assert.Equal((StatusReason.BadRequest, message), (error.Reason, error.Message));
    }

    [Fact]
    public async Task Whoever_may_not_create_may_not_create_by_an_update()
    {
        await using var kernel = await TestKernel.StartAsync();
        kernel.Kernel.Permissions.Register("updater", [new PermissionRule { ApiGroups = ["test.dev"], Resources = ["tokens"], Verbs = ["update"] }]);

        var error = await Assert.ThrowsAsync<ApiException>(
            async () => await PutAsync(kernel, "a", """{"metadata":{"name":"a"}}""", new UserInfo("updater")));

        Assert.Equal(StatusReason.Forbidden, error.Reason);
        Assert.Contains("cannot create resource \"tokens\"", error.Message, StringComparison.Ordinal);
    }

    private static ValueTask<WriteResult> PutAsync(TestKernel kernel, string name, string json, UserInfo? user = null) => kernel.Pipeline.UpdateAsync(
        new ApiRequest { User = user ?? TestKernel.Admin, Verb = "update", Resource = Kinds.Tokens, Namespace = "default", Name = name },
        TestKernel.Body(json), new WriteOptions(), TestContext.Current.CancellationToken);
}
