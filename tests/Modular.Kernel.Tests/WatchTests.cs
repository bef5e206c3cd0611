namespace Modular.Kernel.Tests;

public sealed class WatchTests
{
    [Fact]
    public async Task Leaving_a_selection_is_a_deletion_with_the_last_state_and_coming_back_an_addition()
    {
        await using var kernel = await TestKernel.StartAsync();
        await using var watch = await WatchAsync(kernel, new ListOptions { LabelSelector = "in=yes" });
        await using var reader = new WatchReader(watch);

        await kernel.CreateAsync("""{"metadata":{"name":"a","labels":{"in":"yes"}}}""");
        await kernel.MergeAsync("a", """{"spec":{"color":"red"}}""");
        var left = await kernel.MergeAsync("a", """{"metadata":{"labels":{"in":"no"}},"spec":{"color":"blue"}}""");
        await kernel.MergeAsync("a", """{"spec":{"color":"green"}}""");
        await kernel.MergeAsync("a", """{"metadata":{"labels":{"in":"yes"}}}""");
        await kernel.DeleteAsync("a");

        var events = await reader.TakeAsync(5);
        Assert.Equal(
            [WatchEventType.Added, WatchEventType.Modified, WatchEventType.Deleted, WatchEventType.Added, WatchEventType.Deleted],
            events.Select(e => e.Type));
        Assert.Equal("red", events[2].Object.ToJsonObject().GetString("spec.color"));
        Assert.Equal(left.Object!.Revision, events[2].Object.Revision);
    }

    [Fact]
    public async Task A_node_sees_objects_come_and_go()
    {
        await using var kernel = await TestKernel.StartAsync();
        await using var one = new WatchReader(await WatchAsync(kernel, new ListOptions { FieldSelector = "spec.node=n1" }));
        await using var two = new WatchReader(await WatchAsync(kernel, new ListOptions { FieldSelector = "spec.node=n2" }));

        await kernel.CreateNamedAsync("a");
        await kernel.MergeAsync("a", """{"spec":{"node":"n1"}}""");
        await kernel.MergeAsync("a", """{"spec":{"node":"n2"}}""");

        Assert.Equal([WatchEventType.Added, WatchEventType.Deleted], (await one.TakeAsync(2)).Select(e => e.Type));
        Assert.Equal([WatchEventType.Added], (await two.TakeAsync(1)).Select(e => e.Type));
    }

    [Fact]
    public async Task Initial_events_end_with_a_marked_bookmark()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");
        await kernel.CreateNamedAsync("b");
        await using var reader = new WatchReader(await WatchAsync(kernel, new ListOptions
        {
            SendInitialEvents = true,
            ResourceVersionMatch = "NotOlderThan",
            AllowWatchBookmarks = true,
        }));

        var events = await reader.TakeAsync(3);

        Assert.Equal([WatchEventType.Added, WatchEventType.Added, WatchEventType.Bookmark], events.Select(e => e.Type));
        Assert.Equal("true", events[2].Object.Metadata.Annotations["k8s.io/initial-events-end"]);
        Assert.Equal(events[1].Object.Revision, events[2].Object.Revision);
    }

    [Fact]
    public async Task Bookmarks_come_every_minute_to_those_who_asked()
    {
        await using var kernel = await TestKernel.StartAsync();
        var revision = $"{kernel.Kernel.Revision}";
        await using var asked = new WatchReader(
            await WatchAsync(kernel, new ListOptions { ResourceVersion = revision, AllowWatchBookmarks = true }));
        await using var other = new WatchReader(await WatchAsync(kernel, new ListOptions { ResourceVersion = revision }));

        kernel.Time.Advance(TimeSpan.FromMinutes(1));
        var bookmark = Assert.Single(await asked.TakeAsync(1));
        await kernel.CreateNamedAsync("a");

        Assert.Equal(WatchEventType.Bookmark, bookmark.Type);
        Assert.Equal(revision, bookmark.Object.ToJsonObject().GetString("metadata.resourceVersion"));
        Assert.Equal(WatchEventType.Added, Assert.Single(await other.TakeAsync(1)).Type);
    }

    [Fact]
    public async Task Initial_events_need_to_be_asked_for_rightly()
    {
        await using var kernel = await TestKernel.StartAsync();

        var error = await Assert.ThrowsAsync<ApiException>(() => WatchAsync(kernel, new ListOptions { SendInitialEvents = true }));

        Assert.Equal(422, error.Status.Code);
    }

    [Fact]
    public async Task A_revision_before_all_history_is_expired()
    {
        var store = new MemoryStore();
        long old;
        await using (var kernel = await TestKernel.StartAsync(store))
        {
            old = (await kernel.CreateNamedAsync("a")).Revision;
            await kernel.DeleteAsync("a");
        }

        await store.CompactAsync(old + 1, TestContext.Current.CancellationToken);
        await using var restarted = await TestKernel.StartAsync(store);
        var error = await Assert.ThrowsAsync<ApiException>(() => WatchAsync(restarted, new ListOptions { ResourceVersion = $"{old}" }));

        Assert.Equal(410, error.Status.Code);
    }

    [Fact]
    public async Task A_watch_goes_on_where_it_was_after_a_restart()
    {
        var store = new MemoryStore();
        long seen;
        await using (var kernel = await TestKernel.StartAsync(store))
        {
            seen = (await kernel.CreateNamedAsync("a")).Revision;
            await kernel.CreateNamedAsync("b");
            await kernel.DeleteAsync("a");
        }

        await using var restarted = await TestKernel.StartAsync(store);
        await using var reader = new WatchReader(await WatchAsync(restarted, new ListOptions { ResourceVersion = $"{seen}" }));

        var events = await reader.TakeAsync(2);
        Assert.Equal(["Added b", "Deleted a"], events.Select(e => $"{e.Type} {e.Object.Metadata.Name}"));
    }

    [Fact]
    public async Task A_watch_survives_a_store_that_restarts_compacted()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");
        await kernel.CreateNamedAsync("b");
        var list = await kernel.ListAsync();
        await using var reader = new WatchReader(await WatchAsync(kernel, new ListOptions { ResourceVersion = $"{list.Revision}" }));

        kernel.Store.CutWatches();
        await kernel.DeleteAsync("a");
        await kernel.MergeAsync("b", """{"spec":{"color":"red"}}""");
        await kernel.CreateNamedAsync("c");
        await kernel.Store.CompactAsync((await kernel.GetAsync("c")).Revision, TestContext.Current.CancellationToken);
        kernel.Time.Advance(TimeSpan.FromSeconds(1));

        var events = await reader.TakeAsync(3, () => kernel.Time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(["Added c", "Deleted a", "Modified b"], events.Select(e => $"{e.Type} {e.Object.Metadata.Name}").Order());
    }

    [Fact]
    public async Task A_gap_that_hides_a_replacement_is_a_deletion_and_an_addition()
    {
        await using var kernel = await TestKernel.StartAsync();
        var old = await kernel.CreateNamedAsync("a");
        await using var reader = new WatchReader(await WatchAsync(kernel, new ListOptions { ResourceVersion = $"{old.Revision}" }));

        kernel.Store.CutWatches();
        await kernel.DeleteAsync("a");
        var replacement = await kernel.CreateNamedAsync("a");
        await kernel.Store.CompactAsync(replacement.Revision, TestContext.Current.CancellationToken);

        var events = await reader.TakeAsync(2, () => kernel.Time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal([WatchEventType.Deleted, WatchEventType.Added], events.Select(e => e.Type));
        Assert.Equal([old.Metadata.Uid, replacement.Metadata.Uid], events.Select(e => e.Object.Metadata.Uid));
    }

    [Fact]
    public async Task Watches_end_when_the_kernel_stops()
    {
        await using var kernel = await TestKernel.StartAsync();
        await using var watch = await WatchAsync(kernel, new ListOptions());
        await using var batches = watch.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var next = batches.MoveNextAsync().AsTask();

        await kernel.Kernel.StopAsync();

        Assert.False(await next.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_informer_shows_what_is_and_what_becomes()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");
        var client = kernel.Kernel.CreateClient(TestKernel.Admin);
        await using var informer = await client.OpenInformerAsync(new ResourceScope(Kinds.Widgets) { Namespace = "default" }, TestContext.Current.CancellationToken);
        await using var events = informer.ReadEventsAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await events.MoveNextAsync());
        Assert.Equal(WatchEventType.Added, events.Current.Type);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(WatchEventType.Bookmark, events.Current.Type);
        await kernel.CreateNamedAsync("b");
        await kernel.CreateNamedAsync("c", "kube-system");
        Assert.True(await events.MoveNextAsync());

        Assert.Equal("b", events.Current.Object.Metadata.Name);
        Assert.NotNull(informer.Get("default", "b"));
        Assert.Null(informer.Get("kube-system", "c"));
        Assert.Equal(2, informer.List().Count);
        await informer.DisposeAsync();
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task A_plugin_may_what_was_granted_and_nothing_else()
    {
        await using var kernel = await TestKernel.StartAsync();
        var client = kernel.Kernel.CreateClient(new PluginIdentity("reader", "reader", "1.0.0", 1));
        kernel.Kernel.Permissions.Register(
            "system:plugin:reader", [new PermissionRule { ApiGroups = ["test.dev"], Resources = ["widgets"], Verbs = ["list"] }]);

        var list = await client.ListAsync(new ResourceScope(Kinds.Widgets) { Namespace = "default" }, TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<ApiException>(
            async () => await client.GetAsync(new ResourceName(Kinds.Widgets, "default", "a"), TestContext.Current.CancellationToken));
        var everywhere = await Assert.ThrowsAsync<ApiException>(
            async () => await client.ListAsync(new ResourceScope(Kinds.Rooms), TestContext.Current.CancellationToken));

        Assert.Empty(list.Items);
        Assert.Equal(
            "widgets.test.dev \"a\" is forbidden: User \"system:plugin:reader\" cannot get resource \"widgets\" "
            + "in API group \"test.dev\" in the namespace \"default\"",
            error.Message);
        Assert.Equal(
            "rooms is forbidden: User \"system:plugin:reader\" cannot list resource \"rooms\" in API group \"\" at the cluster scope",
            everywhere.Message);
    }

    internal static async Task<IWatchSession> WatchAsync(TestKernel kernel, ListOptions options, string ns = "default") =>
        await kernel.Pipeline.WatchAsync(TestKernel.Widgets("watch", ns: ns), options, CancellationToken.None);
}
