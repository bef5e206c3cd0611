using System.Text.Json.Nodes;

namespace Modular.Kernel.Tests;

/// <summary>A kind that is stored as another: one object, two names for it.</summary>
public sealed class ServedVersionTests : IAsyncLifetime
{
    private TestKernel _kernel = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _kernel = await TestKernel.StartAsync();

    public ValueTask DisposeAsync() => _kernel.DisposeAsync();

    [Fact]
    public async Task One_object_is_read_under_both_names()
    {
        var created = await CreateAsync("""{"metadata":{"name":"a"},"spec":{"paint":"red","place":"n1"}}""");
        Assert.Equal(
            ("new.test.dev/v2", "Gizmo", """{"paint":"red","place":"n1"}"""),
            (created.GetString("apiVersion"), created.GetString("kind"), created["spec"]!.ToJsonString()));
        var widget = (await _kernel.GetAsync("a")).ToJsonObject();
        Assert.Equal(("test.dev/v1", """{"color":"red","node":"n1","replicas":1}"""), (widget.GetString("apiVersion"), widget["spec"]!.ToJsonString()));
        Assert.Equal(created.GetString("metadata.resourceVersion"), widget.GetString("metadata.resourceVersion"));
        var read = (await _kernel.Pipeline.GetAsync(Gizmos("get", "a"), Token)).ToJsonObject();
        Assert.True(JsonNode.DeepEquals(created, read), read.ToJsonString());
    }

    [Fact]
    public async Task What_one_version_has_no_word_for_survives_it()
    {
        await _kernel.CreateAsync("""{"metadata":{"name":"a"},"spec":{"color":"red","replicas":7}}""");
        var gizmo = (await _kernel.Pipeline.GetAsync(Gizmos("get", "a"), Token)).ToJsonObject();
        gizmo.Set("spec.paint", "blue");
        await _kernel.Pipeline.UpdateAsync(Gizmos("update", "a"), TestKernel.Body(gizmo), new WriteOptions(), Token);
        await PatchAsync(PatchType.Merge, """{"spec":{"place":"n2"}}""");
        await PatchAsync(PatchType.Json, """[{"op":"replace","path":"/spec/paint","value":"green"}]""");
        var widget = (await _kernel.GetAsync("a")).ToJsonObject();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"color":"green","node":"n2","replicas":7}"""), widget["spec"]), widget.ToJsonString());
    }

    [Fact]
    public async Task Lists_select_by_the_fields_of_the_version()
    {
        await _kernel.CreateAsync("""{"metadata":{"name":"a"},"spec":{"node":"n1"}}""");
        await _kernel.CreateAsync("""{"metadata":{"name":"b"},"spec":{"node":"n2"}}""");
        var list = await _kernel.Pipeline.ListAsync(Gizmos("list"), new ListOptions { FieldSelector = "spec.place=n2" }, Token);
        Assert.Equal(["Gizmo b"], list.Items.Select(i => $"{i.Kind.Kind} {i.Metadata.Name}"));
        var unknown = await Assert.ThrowsAsync<ApiException>(
            async () => await _kernel.Pipeline.ListAsync(Gizmos("list"), new ListOptions { FieldSelector = "spec.node=n2" }, Token));
        Assert.Equal("field label not supported: spec.node", unknown.Message);
    }

    [Fact]
    public async Task Watches_tell_in_the_version_what_happens_in_the_other()
    {
        await using var watch = new WatchReader(await _kernel.Pipeline.WatchAsync(
            Gizmos("watch"), new ListOptions { SendInitialEvents = true, AllowWatchBookmarks = true, ResourceVersionMatch = "NotOlderThan" }, Token));
        Assert.Equal(("Bookmark", "Gizmo"), await NextAsync());
        await _kernel.CreateAsync("""{"metadata":{"name":"a"},"spec":{"color":"red"}}""");
        Assert.Equal(("Added", "Gizmo red"), await NextAsync());
        await _kernel.DeleteAsync("a");
        Assert.Equal(("Deleted", "Gizmo red"), await NextAsync());

        async Task<(string, string)> NextAsync()
        {
            var next = (await watch.TakeAsync(1))[0];
            var obj = next.Object.ToJsonObject();
            return (next.Type.ToString(), $"{obj.GetString("kind")} {obj.GetString("spec.paint")}".Trim());
        }
    }

    [Fact]
    public async Task Rules_and_schemas_of_both_hold()
    {
        var unknown = await Assert.ThrowsAsync<ApiException>(
            () => CreateAsync("""{"metadata":{"name":"a"},"spec":{"color":"red"}}""", new WriteOptions { FieldValidation = "Strict" }));
        Assert.Contains("unknown field \"spec.color\"", unknown.Message, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<ApiException>(() => CreateAsync("""{"metadata":{"name":"a"},"spec":{"paint":"pink"}}"""));
        Assert.Equal(StatusReason.Invalid, wrong.Reason);
        var warned = await _kernel.Pipeline.CreateAsync(
            Gizmos("create"), TestKernel.Body("""{"metadata":{"name":"a"},"spec":{"paint":"red","x":1}}"""), new WriteOptions { DryRun = true }, Token);
        Assert.Equal(["unknown field \"spec.x\""], warned.Warnings);
        Assert.Empty((await _kernel.ListAsync()).Items);
    }

    [Fact]
    public async Task Status_deletion_and_apply_work_through_it()
    {
        var apply = TestKernel.Body("""{"apiVersion":"new.test.dev/v2","kind":"Gizmo","metadata":{"name":"a","namespace":"default"},"spec":{"paint":"red"}}""");
        var applied = await _kernel.Pipeline.PatchAsync(Gizmos("patch", "a"), PatchType.Apply, apply, new WriteOptions { FieldManager = "ann" }, Token);
        Assert.Equal((true, "red"), (applied.Created, applied.Object!.ToJsonObject().GetString("spec.paint")));
        Assert.Equal(["""ann Apply test.dev/v1 2026-01-02T03:04:05Z {"f:spec":{"f:color":{}}}"""], OwnershipTests.Owners(await _kernel.GetAsync("a")));
        var conflict = await Assert.ThrowsAsync<ApiException>(async () => await _kernel.Pipeline.PatchAsync(
            Gizmos("patch", "a"),
            PatchType.Apply,
            TestKernel.Body("""{"apiVersion":"new.test.dev/v2","kind":"Gizmo","metadata":{"name":"a","namespace":"default"},"spec":{"paint":"blue"}}"""),
            new WriteOptions { FieldManager = "bob" },
            Token));
        Assert.Equal(StatusReason.Conflict, conflict.Reason);
        await PatchAsync(PatchType.Merge, """{"status":{"phase":"Done"},"spec":{"paint":"blue"}}""", "status");
        var widget = (await _kernel.GetAsync("a")).ToJsonObject();
        Assert.Equal(("Done", "red"), (widget.GetString("status.phase"), widget.GetString("spec.color")));
        var deleted = await _kernel.Pipeline.DeleteAsync(Gizmos("delete", "a"), new DeleteOptions(), false, Token);
        Assert.Equal((true, "Gizmo"), (deleted.Gone, deleted.Object.Kind.Kind));
    }

    [Fact]
    public async Task A_kind_that_cannot_be_stored_so_is_not_served()
    {
        foreach (var wrong in (ResourceDefinition[])
        [
            Kinds.Gizmo() with { StoredAs = Kinds.Gizmos },
            Kinds.Gizmo() with { StoredAs = Kinds.Rooms },
            Kinds.Gizmo() with { StoredAs = Kinds.Tokens },
            Kinds.Gizmo() with { SelectableFields = [new SelectableField("spec.paint")] },
        ])
        {
            var source = new OneKind(wrong);
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => new ResourceRegistry().RefreshAsync(new FixedContractHandle<IResourceSource>(new Kinds(), source), _ => Task.CompletedTask, Token));
        }
    }

    [Fact]
    public void A_kind_that_is_only_read_is_left_out_while_nobody_brings_what_it_shows()
    {
        var view = Kinds.Gizmo() with { Verbs = ["get", "list"] };
        Assert.Equal([Kinds.Rooms], ResourceSnapshot.Build([("one", [Kinds.Room(), view])], 1, []).All.Select(kind => kind.Resource));
        Assert.Equal(2, ResourceSnapshot.Build([("one", [view]), ("two", [Kinds.Widget()])], 1, []).All.Count);
        Assert.Throws<InvalidOperationException>(() => ResourceSnapshot.Build([("one", [Kinds.Gizmo()])], 1, []));
    }

    private static ApiRequest Gizmos(string verb, string name = "", string subresource = "") => TestKernel.Widgets(verb, name, subresource) with { Resource = Kinds.Gizmos };

    private async Task<JsonObject> CreateAsync(string json, WriteOptions? options = null) =>
        (await _kernel.Pipeline.CreateAsync(Gizmos("create"), TestKernel.Body(json), options ?? new WriteOptions(), Token)).Object!.ToJsonObject();

    private async Task PatchAsync(PatchType type, string patch, string subresource = "") =>
        await _kernel.Pipeline.PatchAsync(Gizmos("patch", "a", subresource), type, TestKernel.Body(patch), new WriteOptions(), Token);

    private sealed class OneKind(ResourceDefinition kind) : IResourceSource
    {
        public ValueTask<IReadOnlyList<ResourceDefinition>> GetResourcesAsync(CancellationToken cancellationToken) =>
            new([kind with { Resource = kind.Resource with { Version = "v3" }, Kind = kind.Kind with { Version = "v3" } }]);
    }
}
