namespace Modular.Kernel.Tests;

public sealed class DeletionTests
{
    [Fact]
    public async Task An_object_that_nothing_keeps_goes_at_once()
    {
        await using var kernel = await TestKernel.StartAsync();
        var created = await kernel.CreateNamedAsync("a");

        var deleted = await kernel.DeleteAsync("a");

        Assert.True(deleted.Gone);
        Assert.True(deleted.Object.Revision > created.Revision);
        await Assert.ThrowsAsync<ApiException>(async () => await kernel.GetAsync("a"));
    }

    [Fact]
    public async Task A_finalizer_keeps_the_object_until_it_is_taken_away()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateAsync("""{"metadata":{"name":"a","finalizers":["test.dev/keep"]}}""");

        var deleted = await kernel.DeleteAsync("a");
        var again = await kernel.DeleteAsync("a");
        var added = await Assert.ThrowsAsync<ApiException>(
            async () => await kernel.MergeAsync("a", """{"metadata":{"finalizers":["test.dev/keep","test.dev/more"]}}"""));
        await kernel.MergeAsync("a", """{"metadata":{"finalizers":null}}""");

        Assert.False(deleted.Gone);
        Assert.NotNull(deleted.Object.Metadata.DeletionTimestamp);
        Assert.Equal(2, deleted.Object.Metadata.Generation);
        Assert.Equal(deleted.Object.Revision, again.Object.Revision);
        Assert.Equal(StatusReason.Invalid, added.Reason);
        Assert.Empty((await kernel.ListAsync()).Items);
    }

    [Fact]
    public async Task Grace_is_given_shortened_and_ended_but_never_lengthened()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateAsync("""{"metadata":{"name":"a"},"spec":{"grace":30}}""");

        var first = await kernel.DeleteAsync("a");
        var longer = await kernel.DeleteAsync("a", new DeleteOptions { GracePeriodSeconds = 60 });
        var shorter = await kernel.DeleteAsync("a", new DeleteOptions { GracePeriodSeconds = 10 });
        var none = await kernel.DeleteAsync("a", new DeleteOptions { GracePeriodSeconds = 0 });

        Assert.Equal(30, first.Object.Metadata.DeletionGracePeriodSeconds);
        Assert.Equal(kernel.Time.GetUtcNow().AddSeconds(30), first.Object.Metadata.DeletionTimestamp);
        Assert.Equal(first.Object.Revision, longer.Object.Revision);
        Assert.Equal(kernel.Time.GetUtcNow().AddSeconds(10), shorter.Object.Metadata.DeletionTimestamp);
        Assert.True(none.Gone);
        Assert.Empty((await kernel.ListAsync()).Items);
    }

    [Theory]
    [InlineData("Orphan", "orphan")]
    [InlineData("Foreground", "foregroundDeletion")]
    public async Task A_propagation_policy_becomes_a_finalizer(string policy, string finalizer)
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");

        var deleted = await kernel.DeleteAsync("a", new DeleteOptions { PropagationPolicy = policy });

        Assert.False(deleted.Gone);
        Assert.Equal([finalizer], deleted.Object.Metadata.Finalizers);
    }

    [Fact]
    public async Task Preconditions_must_hold()
    {
        await using var kernel = await TestKernel.StartAsync();
        var created = await kernel.CreateNamedAsync("a");

        var uid = await Assert.ThrowsAsync<ApiException>(async () => await kernel.DeleteAsync("a", new DeleteOptions { Uid = "other" }));
        var revision = await Assert.ThrowsAsync<ApiException>(
            async () => await kernel.DeleteAsync("a", new DeleteOptions { ResourceVersion = "1" }));
        var right = await kernel.DeleteAsync("a", new DeleteOptions { Uid = created.Metadata.Uid, ResourceVersion = $"{created.Revision}" });

        Assert.Equal(409, uid.Status.Code);
        Assert.Contains("UID in precondition: other", uid.Message, StringComparison.Ordinal);
        Assert.Equal(409, revision.Status.Code);
        Assert.True(right.Gone);
    }

    [Fact]
    public async Task A_collection_goes_by_selector()
    {
        await using var kernel = await TestKernel.StartAsync();
        for (var i = 0; i < 50; i++)
        {
            await kernel.CreateAsync($$$"""{"metadata":{"name":"w{{{i}}}","labels":{"odd":"{{{i % 2}}}"} } }""");
        }

        var deleted = await kernel.Pipeline.DeleteCollectionAsync(
            TestKernel.Widgets("deletecollection"), new ListOptions { LabelSelector = "odd=1" }, new DeleteOptions(), false, CancellationToken.None);

        Assert.Equal(25, deleted.Items.Count);
        Assert.All((await kernel.ListAsync()).Items, o => Assert.Equal("0", o.Metadata.Labels["odd"]));
        Assert.Equal(25, (await kernel.ListAsync()).Items.Count);
    }

    [Fact]
    public async Task A_namespace_that_goes_takes_nothing_in_and_stays_while_its_kind_holds_it()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.Pipeline.CreateAsync(
            TestKernel.Rooms("create"), TestKernel.Body("""{"metadata":{"name":"hall"},"spec":{"holds":"yes"}}"""), new WriteOptions(), TestContext.Current.CancellationToken);

        var marked = await kernel.Pipeline.DeleteAsync(TestKernel.Rooms("delete", "hall"), new DeleteOptions(), false, TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<ApiException>(() => kernel.CreateNamedAsync("a", "hall"));
        await kernel.Pipeline.UpdateAsync(
            TestKernel.Rooms("update", "hall"), TestKernel.Body("""{"metadata":{"name":"hall"}}"""), new WriteOptions(), TestContext.Current.CancellationToken);
        var gone = await Assert.ThrowsAsync<ApiException>(async () => await kernel.Pipeline.GetAsync(TestKernel.Rooms("get", "hall"), TestContext.Current.CancellationToken));

        Assert.False(marked.Gone);
        Assert.Equal(403, error.Status.Code);
        Assert.Equal("NamespaceTerminating", Assert.Single(error.Status.Causes).Reason);
        Assert.Equal(StatusReason.NotFound, gone.Reason);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    public async Task The_namespaces_that_every_cluster_has_stay(string name)
    {
        await using var kernel = await TestKernel.StartAsync();

        var error = await Assert.ThrowsAsync<ApiException>(async () => await kernel.Pipeline.DeleteAsync(
            TestKernel.Rooms("delete", name), new DeleteOptions(), false, TestContext.Current.CancellationToken));

        Assert.Equal(StatusReason.Forbidden, error.Reason);
        Assert.Equal($"rooms \"{name}\" is forbidden: this namespace may not be deleted", error.Message);
    }
}
