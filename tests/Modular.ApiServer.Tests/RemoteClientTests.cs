using System.Text.Json.Nodes;
using Modular.Toolkit;

namespace Modular.ApiServer.Tests;

/// <summary>The toolkit's remote client against the true server: it is to be as good as the one within the process.</summary>
public sealed class RemoteClientTests : IAsyncLifetime
{
    private static readonly GroupVersionResource Resource = Widgets.Definition.Resource;
    private static readonly ResourceScope Scope = new(Resource) { Namespace = "default" };

    private KernelServer _server = null!;
    private RemoteApiClient _remote = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await KernelServer.StartAsync(Widgets.Namespaces, Widgets.Definition);
        _remote = new RemoteApiClient(_server.Client, TimeProvider.System);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Each_verb_answers_what_the_client_within_the_process_answers()
    {
        var made = await _remote.CreateAsync(Resource, "default", Widget("one", 1), Token);
        await SameAsync(made);
        await SameAsync(await _remote.GetAsync(Name("one"), Token));
        await SameAsync(await _remote.PatchAsync(Name("one"), PatchType.Merge, new JsonObject { ["spec"] = new JsonObject { ["size"] = 2 } }, "", Token));
        JsonArray steps = [new JsonObject { ["op"] = "replace", ["path"] = "/spec/size", ["value"] = 3 }];
        await SameAsync(await _remote.PatchAsync(Name("one"), PatchType.Json, steps, "", Token));
        var parts = new JsonObject { ["spec"] = new JsonObject { ["parts"] = new JsonArray(new JsonObject { ["name"] = "bell" }) } };
        await SameAsync(await _remote.PatchAsync(Name("one"), PatchType.Strategic, parts, "", Token));
        var config = Widget("one", 7);
        await SameAsync(await _remote.PatchAsync(Name("one"), PatchType.Apply, config, "", Token));
        var changed = (await _remote.GetAsync(Name("one"), Token)).ToJsonObject();
        changed["spec"]!["size"] = 4;
        var updated = await _remote.UpdateAsync(Name("one"), changed, "", Token);
        await SameAsync(updated);
        Assert.Equal(4, (int)updated.ToJsonObject()["spec"]!["size"]!);

        var stale = await Assert.ThrowsAsync<ApiException>(async () => await _remote.UpdateAsync(Name("one"), made.ToJsonObject(), "", Token));
        Assert.Equal(StatusReason.Conflict, stale.Reason);
        var unmet = await Assert.ThrowsAsync<ApiException>(async () => await _remote.DeleteAsync(Name("one"), new DeleteOptions { Uid = "other" }, Token));
        Assert.Equal(StatusReason.Conflict, unmet.Reason);
        Assert.Null(await _remote.DeleteAsync(Name("one"), new DeleteOptions(), Token));
        var gone = await Assert.ThrowsAsync<ApiException>(async () => await _remote.GetAsync(Name("one"), Token));
        Assert.Equal((StatusReason.NotFound, 404, "one", "widgets"), (gone.Reason, gone.Status.Code, gone.Status.Name, gone.Status.Kind));
    }

    [Fact]
    public async Task A_wrong_object_is_refused_with_every_cause()
    {
        var wrong = Widget("one", 1);
        wrong["spec"]!["mode"] = "Sideways";
        var inside = await Assert.ThrowsAsync<ApiException>(async () => await _server.Inside.CreateAsync(Resource, "default", wrong, Token));
        var outside = await Assert.ThrowsAsync<ApiException>(async () => await _remote.CreateAsync(Resource, "default", wrong, Token));
        Assert.Equal(inside.Status.ToJson().ToJsonString(), outside.Status.ToJson().ToJsonString());
    }

    [Fact]
    public async Task Deleting_what_still_has_work_to_do_answers_the_object()
    {
        var held = Widget("one", 1);
        held["metadata"]!["finalizers"] = new JsonArray("example.com/hold");
        await _remote.CreateAsync(Resource, "default", held, Token);
        var going = await _remote.DeleteAsync(Name("one"), new DeleteOptions { PropagationPolicy = "Background" }, Token);
        Assert.NotNull(going!.Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task Lists_are_whole_and_selected()
    {
        for (var index = 0; index < 1100; index++)
        {
            var widget = Widget($"w{index}", index);
            widget["metadata"]!["labels"] = new JsonObject { ["odd"] = index % 2 == 1 ? "yes" : "no" };
            await _server.Inside.CreateAsync(Resource, "default", widget, Token);
        }

        Same(await _server.Inside.ListAsync(Scope, Token), await _remote.ListAsync(Scope, Token));
        var odd = Scope with { LabelSelector = "odd in (yes)", FieldSelector = "metadata.name!=w1" };
        Same(await _server.Inside.ListAsync(odd, Token), await _remote.ListAsync(odd, Token));
        Assert.Equal(549, (await _remote.ListAsync(odd, Token)).Items.Count);
        Assert.Empty((await _remote.ListAsync(Scope with { Namespace = "kube-system" }, Token)).Items);
    }

    [Fact]
    public async Task Resources_are_discovered()
    {
        var inside = await _server.Inside.GetResourcesAsync(Token);
        var outside = await _remote.GetResourcesAsync(Token);
        Assert.Equal(inside.Select(Text).Order(), outside.Select(Text).Order());

        static string Text(ApiResource resource) => $"{resource.Resource} {resource.Kind} {resource.Namespaced} {string.Join(',', resource.Verbs.Order())}";
    }

    [Fact]
    public async Task Informers_inside_and_outside_tell_the_same_story()
    {
        var scope = Scope with { LabelSelector = "shown=yes" };
        await _server.Inside.CreateAsync(Resource, "default", Labelled("w0", "yes"), Token);
        await using var inside = await _server.Inside.OpenInformerAsync(scope, Token);
        await using var outside = await _remote.OpenInformerAsync(scope, Token);
        // The one outside opens its stream after it has listed; nothing that happens between the two may be lost.
        var random = new Random(7);
        for (var step = 0; step < 300; step++)
        {
            await ChangeAsync(random, step);
        }

        await _server.Inside.CreateAsync(Resource, "default", Labelled("the-end", "yes"), Token);
        Assert.Equal(await StoryAsync(inside), await StoryAsync(outside));
        Assert.Equal(inside.List().Select(Text).Order(), outside.List().Select(Text).Order());
        Assert.Equal(Text(inside.Get("default", "the-end")!), Text(outside.Get("default", "the-end")!));
        Assert.Empty(outside.List("kube-system"));
    }

    [Fact]
    public async Task An_informer_survives_the_servers_absence_without_loss_or_repeat()
    {
        await _server.Inside.CreateAsync(Resource, "default", Labelled("before", "yes"), Token);
        await using var informer = await _remote.OpenInformerAsync(Scope, Token);
        var events = informer.ReadEventsAsync(Token).GetAsyncEnumerator(Token);
        Assert.Equal("Added before", await NextAsync(events));
        Assert.Equal("Bookmark ", await NextAsync(events));
        await _server.Inside.CreateAsync(Resource, "default", Labelled("seen", "yes"), Token);
        Assert.Equal("Added seen", await NextAsync(events));

        await _server.StopListeningAsync();
        await _server.Inside.CreateAsync(Resource, "default", Labelled("meanwhile", "yes"), Token);
        await _server.Inside.DeleteAsync(Name("before"), new DeleteOptions(), Token);
        Assert.NotNull(informer.Get("default", "before"));
        // A call waits for the server.
        var waiting = _remote.GetAsync(Name("meanwhile"), Token).AsTask();
        await _server.ListenAgainAsync();
        Assert.Equal("Added meanwhile", await NextAsync(events));
        Assert.Equal("Deleted before", await NextAsync(events));
        Assert.Equal("meanwhile", (await waiting).Metadata.Name);
        await _server.Inside.CreateAsync(Resource, "default", Labelled("after", "yes"), Token);
        Assert.Equal("Added after", await NextAsync(events));
    }

    private async Task ChangeAsync(Random random, int step)
    {
        var name = $"w{random.Next(12)}";
        var there = (await _server.Inside.ListAsync(Scope, Token)).Items.Any(obj => obj.Metadata.Name == name);
        if (!there)
        {
            await _server.Inside.CreateAsync(Resource, "default", Labelled(name, random.Next(3) > 0 ? "yes" : "no"), Token);
        }
        else if (random.Next(4) == 0)
        {
            await _server.Inside.DeleteAsync(Name(name), new DeleteOptions(), Token);
        }
        else
        {
            var patch = Labelled(name, random.Next(3) > 0 ? "yes" : "no");
            patch["spec"]!["size"] = step;
            await _server.Inside.PatchAsync(Name(name), PatchType.Merge, patch, "", Token);
        }
    }

    private static async Task<List<string>> StoryAsync(IInformer informer)
    {
        var story = new List<string>();
        await foreach (var change in informer.ReadEventsAsync(Token))
        {
            // Where the list of the objects there are ends depends on when each was opened.
            if (change.Type != WatchEventType.Bookmark)
            {
                story.Add($"{change.Type} {Text(change.Object)}");
            }

            if (change.Object.Metadata.Name == "the-end")
            {
                break;
            }
        }

        return story;
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<WatchEvent> events) =>
        await events.MoveNextAsync() ? $"{events.Current.Type} {events.Current.Object.Metadata.Name}" : "end";

    private async Task SameAsync(ApiObject outside) => Assert.Equal(Text(await _server.Inside.GetAsync(Name(outside.Metadata.Name), Token)), Text(outside));

    private static void Same(ApiObjectList inside, ApiObjectList outside)
    {
        Assert.Equal(inside.Items.Select(Text), outside.Items.Select(Text));
        Assert.Equal(inside.Revision, outside.Revision);
    }

    private static string Text(ApiObject obj) => $"{obj.Kind} {obj.Revision} {System.Text.Encoding.UTF8.GetString(obj.Body.Span)}";

    private static ResourceName Name(string name) => new(Resource, "default", name);

    private static JsonObject Labelled(string name, string shown)
    {
        var widget = Widget(name, 1);
        widget["metadata"]!["labels"] = new JsonObject { ["shown"] = shown };
        return widget;
    }

    private static JsonObject Widget(string name, int size) => new()
    {
        ["apiVersion"] = "example.com/v1",
        ["kind"] = "Widget",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject { ["size"] = size, ["color"] = "blåå <&> 🎉" },
    };
}
