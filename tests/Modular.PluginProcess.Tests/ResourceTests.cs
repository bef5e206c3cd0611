using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Modular.Testing;

namespace Modular.PluginProcess.Tests;

/// <summary>The rules of kinds, asked over a socket.</summary>
public sealed class ResourceTests : IAsyncLifetime
{
    private readonly ResourceServer _server = new();
    private readonly ScriptedKinds _kinds = new();
    private IResourceSource? _source;
    private ResourceDefinition? _widgets;
    private ResourceDefinition? _plains;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private const WriteSteps All = WriteSteps.Default | WriteSteps.Prepare | WriteSteps.Validate | WriteSteps.Reserve;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(_kinds);
        _source = await _server.OpenAsync();
        (_widgets, _plains) = await _source.GetResourcesAsync(Token) is [var widgets, var plains] ? (widgets, plains) : throw new InvalidOperationException("other kinds");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Schemas_are_described_when_somebody_asks()
    {
        Assert.Empty(_kinds.Asked);
        var descriptions = _widgets!.Descriptions!;
        Assert.Equal(
            [("org.example.Part", "A piece."), ("org.example.Part.id", "Which one.")],
            (await descriptions.ReadAsync(Token)).OrderBy(text => text.Key, StringComparer.Ordinal).Select(text => (text.Key, text.Value)));
        await _server.KillAsync();
        var away = await Assert.ThrowsAsync<ApiException>(async () => await descriptions.ReadAsync(Token));
        Assert.Equal((503, 1), (away.Status.Code, away.Status.RetryAfterSeconds));
    }

    [Fact]
    public async Task A_new_object_takes_all_its_steps_in_one_call()
    {
        var obj = Widget(new JsonObject { ["size"] = 11 });
        var ruling = await WriteAsync(obj, null, All);
        Assert.Equal(["Default", "PrepareForCreate", "Validate", "Reserve"], _kinds.Asked);
        Assert.Equal("""{"size":11,"by":"carla in ns at 2030-01-02T03:04:05.0000000\u002B00:00, loopback True","price":1100}""", obj["spec"]!.ToJsonString());
        Assert.Equal((true, false), (ruling.HasReserved, ruling.HoldsDeletion));
        Assert.Equal(["that is big"], ruling.Warnings);
        Assert.Empty(ruling.Errors);
        ruling.Reservation!.Keep();
        ruling.Reservation.Dispose();
        ruling.Reservation.Dispose();
        await Eventually.Holds(() => _kinds.Taken[11], "what was taken is held");
    }

    [Theory]
    [InlineData(WriteSteps.Default, """{"size":1}""")]
    [InlineData(WriteSteps.Default | WriteSteps.Validate, """{"size":1}""")]
    [InlineData(All, """{"size":1}""")]
    [InlineData(WriteSteps.Prepare, null)]
    public async Task The_object_is_shown_as_it_is_with_defaults_and_nothing_else(WriteSteps steps, string? expected)
    {
        string? seen = null;
        var write = new ResourceWrite
        {
            Definition = _widgets!,
            Context = Context(""),
            Object = Widget([]),
            Steps = steps,
            Defaulted = obj => seen = obj["spec"]!.ToJsonString(),
        };
        (await _widgets!.Rules.WriteAsync(write, Token)).Reservation?.Dispose();
        Assert.Equal(expected, seen);

        // A kind without defaults is shown without a question.
        await _plains!.Rules.WriteAsync(write with { Definition = _plains, Object = Widget(new JsonObject { ["size"] = 8 }) }, Token);
        Assert.Equal(expected is null ? null : """{"size":8}""", seen);
    }

    [Fact]
    public async Task A_changed_object_is_seen_with_the_old_one()
    {
        var old = Widget(new JsonObject { ["size"] = 2, ["by"] = "somebody" });
        var obj = Widget(new JsonObject { ["size"] = 3 });
        using var taken = (await WriteAsync(obj, old, All)).Reservation;
        Assert.Equal("w/status after somebody", (string?)obj["spec"]!["by"]);
        Assert.Equal("somebody", (string?)old["spec"]!["by"]);
    }

    [Fact]
    public async Task What_was_taken_for_a_write_that_failed_is_free_again()
    {
        (await WriteAsync(Widget(new JsonObject { ["size"] = 5 }), null, All)).Reservation!.Dispose();
        await Eventually.Holds(() => _kinds.Taken.IsEmpty, "nothing is taken");
        var first = await WriteAsync(Widget(new JsonObject { ["size"] = 5 }), null, All);
        var second = await WriteAsync(Widget(new JsonObject { ["size"] = 5 }), null, All);
        Assert.Null(second.Reservation);
        Assert.Equal([new StatusCause("FieldValueInvalid", "Invalid value: 5: is taken", "spec.size")], second.Errors);
        first.Reservation!.Dispose();
    }

    [Fact]
    public async Task What_is_taken_for_a_write_that_was_given_up_is_free_again()
    {
        var saying = new TaskCompletionSource();
        _kinds.Saying = saying.Task;
        using var patience = new CancellationTokenSource();
        var given = WriteAsync(Widget(new JsonObject { ["size"] = 6 }), null, All, patience.Token).AsTask();
        await Eventually.Holds(() => _kinds.Taken.ContainsKey(6), "it is taken");
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        saying.SetResult();
        await Eventually.Holds(() => _kinds.Taken.IsEmpty, "nothing is taken");
    }

    [Fact]
    public async Task Nothing_is_taken_for_what_is_wrong_and_each_field_is_told()
    {
        var ruling = await WriteAsync(Widget(new JsonObject { ["size"] = -1 }, "bad"), null, All);
        Assert.Equal(
            [
                new StatusCause("FieldValueInvalid", "Invalid value: -1: must not be negative", "spec.parts[0].size"),
                new StatusCause("FieldValueRequired", "Required value: for holes", "spec.color"),
                new StatusCause("FieldValueInvalid", "Invalid value: \"bad\": must be good", "metadata.name"),
            ],
            ruling.Errors);
        Assert.Null(ruling.Reservation);
        // Wrong by its schema alone: the price never changes.
        var repriced = await WriteAsync(Widget(new JsonObject { ["size"] = 3, ["price"] = 7 }), Widget(new JsonObject { ["size"] = 3, ["price"] = 8 }), All);
        Assert.Equal((false, null), (repriced.HasReserved, repriced.Reservation));
        Assert.DoesNotContain("Reserve", _kinds.Asked);
        Assert.Empty(_kinds.Taken);
    }

    [Fact]
    public async Task What_is_left_out_can_be_taken_by_itself()
    {
        var obj = Widget(new JsonObject { ["size"] = 4 });
        var first = await WriteAsync(obj, null, All & ~WriteSteps.Reserve);
        Assert.False(first.HasReserved);
        var second = await WriteAsync(obj, null, WriteSteps.Reserve);
        Assert.Equal((true, 400), (second.HasReserved, obj.GetInt64("spec.price")));
        second.Reservation!.Dispose();
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await WriteAsync(Widget(new JsonObject { ["size"] = 99 }), null, WriteSteps.Reserve));
        Assert.Equal((500, "no price is left"), (refused.Status.Code, refused.Message));
    }

    [Fact]
    public async Task A_rule_that_throws_refuses_the_write()
    {
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await WriteAsync(Widget(new JsonObject { ["size"] = 13 }), null, All));
        Assert.Equal(StatusReason.InternalError, refused.Reason);
        Assert.Contains("resource plugin resources failed, so nothing is done", refused.Message, StringComparison.Ordinal);
        Assert.Contains("the rules are lost", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deletion_begins_with_its_grace_and_is_held()
    {
        var obj = Widget(new JsonObject { ["size"] = 7 });
        Assert.Equal(new DeletionRuling(30, true), await _widgets!.Rules.DeleteAsync(_widgets, Context(""), obj, null, Token));
        Assert.Equal(("2030-01-02T03:04:35Z", 30), ((string?)obj["metadata"]!["deletionTimestamp"], obj.GetInt64("metadata.deletionGracePeriodSeconds")));
        Assert.Equal("Ending", obj.GetString("status.phase"));
        Assert.Equal(new DeletionRuling(5, true), await _widgets.Rules.DeleteAsync(_widgets, Context(""), obj, 5, Token));
        Assert.Equal(30, obj.GetInt64("metadata.deletionGracePeriodSeconds"));
        Assert.True((await WriteAsync(obj, (JsonObject)obj.DeepClone(), All & ~WriteSteps.Reserve)).HoldsDeletion);
    }

    [Fact]
    public async Task Actions_and_connects_are_carried_out()
    {
        var (obj, action, connect) = (Widget([]), _widgets!.Subresources[2], _widgets.Subresources[3]);
        var plain = await _widgets.Rules.ApplyAsync(_widgets, action, Context("paint"), new JsonObject { ["color"] = "blue" }, obj, Token);
        Assert.Equal(ActionAnswer.Done, plain.Answer);
        Assert.Equal("blue", obj.GetString("spec.color"));
        var answered = await _widgets.Rules.ApplyAsync(_widgets, action, Context("paint"), new JsonObject { ["color"] = "red", ["answer"] = "yes" }, obj, Token);
        Assert.Equal("paint", answered.Answer.Body!.GetString("color"));
        var ended = await _widgets.Rules.ApplyAsync(_widgets, action, Context("paint"), new JsonObject { ["color"] = "clear" }, obj, Token);
        Assert.Equal(new DeleteOptions { GracePeriodSeconds = 7, Uid = "u", PropagationPolicy = "Orphan" }, ended.Answer.Deletion);
        var conflict = await Assert.ThrowsAsync<ApiException>(
            async () => await _widgets.Rules.ApplyAsync(_widgets, action, Context("paint"), new JsonObject { ["color"] = "none" }, obj, Token));
        Assert.Equal((409, "w stays as it is"), (conflict.Status.Code, conflict.Message));
        var stored = new ApiObject(ScriptedKinds.Widget, ObjectEncoding.Encode(obj), 5);
        Assert.Equal(
            new NodeRequest("node", "/log/w", "?a=1&a=2"), await _widgets.Rules.ResolveAsync(_widgets, connect, new() { Object = stored, Query = [new("a", "1"), new("a", "2")] }, Token));
        await Assert.ThrowsAsync<ApiException>(async () => await _widgets.Rules.ResolveAsync(_widgets, connect, new() { Object = stored }, Token));
        var proxy = _widgets.Subresources[4];
        Assert.Equal((SubresourceType.Proxy, new GroupVersionResource("example.org", "v1", "plains")), (proxy.Type, proxy.Beside));
        var beside = new ApiObject(ScriptedKinds.Widget, ObjectEncoding.Encode(Widget([], "b")), 6);
        Assert.Equal(
            new NodeRequest("", "", "") { Address = "https://Widget-b:web" },
            await _widgets.Rules.ResolveAsync(_widgets, proxy, new() { Object = stored, Beside = beside, Scheme = "https", Port = "web" }, Token));
    }

    [Fact]
    public async Task A_table_of_many_is_rendered_and_while_nobody_is_there_names_are_shown()
    {
        ApiObject[] objects = [.. Enumerable.Range(0, 1000).Select(i => new ApiObject(ScriptedKinds.Widget, ObjectEncoding.Encode(Widget(new JsonObject { ["size"] = i }, $"w{i}")), i + 1))];
        var rows = await _widgets!.Rules.RenderAsync(_widgets, objects, Now, Token);
        Assert.Equal(objects.Length, rows.Count);
        Assert.Equal(("999", "w999@1000 2030-01-02T03:04:05"), (rows[999][0]!.ToJsonString(), (string?)rows[999][1]));
        await _server.KillAsync();
        Assert.Equal(["<unknown>", "w3"], (await _widgets.Rules.RenderAsync(_widgets, [objects[3]], Now, Token))[0].Select(cell => (string?)cell));
        Assert.Empty((await _plains!.Rules.RenderAsync(_plains, [objects[3]], Now, Token))[0]);
    }

    [Fact]
    public async Task While_the_process_is_away_what_it_has_a_say_in_is_refused_and_the_rest_goes_on()
    {
        await _server.KillAsync();
        _server.Renew();
        Assert.Equal(2, (await _source!.GetResourcesAsync(Token)).Count);
        ApiException[] refused =
        [
            await Assert.ThrowsAsync<ApiException>(async () => await WriteAsync(Widget([]), null, All)),
            await Assert.ThrowsAsync<ApiException>(async () => await _widgets!.Rules.DeleteAsync(_widgets, Context(""), Widget([]), null, Token)),
            await Assert.ThrowsAsync<ApiException>(async () => await _widgets!.Rules.ApplyAsync(_widgets, _widgets.Subresources[2], Context("paint"), [], Widget([]), Token)),
        ];
        Assert.All(refused, refusal => Assert.Equal((503, 1), (refusal.Status.Code, refusal.Status.RetryAfterSeconds)));
        Assert.StartsWith("resource plugin resources can't be asked, so nothing is done: ", refused[0].Message, StringComparison.Ordinal);
        // A kind without rules needs nobody.
        var write = new ResourceWrite { Definition = _plains!, Context = Context(""), Object = Widget([]), Steps = All };
        Assert.True((await _plains!.Rules.WriteAsync(write, Token)).HasReserved);
        var deleted = Widget([]);
        Assert.Equal(new DeletionRuling(0, false), await _plains.Rules.DeleteAsync(_plains, Context(""), deleted, 5, Token));
        Assert.Equal("2030-01-02T03:04:05Z", deleted.GetString("metadata.deletionTimestamp"));

        _kinds.Kinds = 3;
        await _server.StartAsync(_kinds);
        using var taken = (await WriteAsync(Widget([]), null, All)).Reservation;
        Assert.Equal(3, (await _source.GetResourcesAsync(Token)).Count);
    }

    [Fact]
    public async Task Kinds_come_out_as_they_were()
    {
        var told = await _kinds.GetResourcesAsync(Token);
        Assert.Equal(told.Select(Text), new[] { _widgets!, _plains! }.Select(Text));
        var (schema, spec) = (_widgets!.Schema, _widgets.Schema.Properties["spec"]);
        Assert.Equal(told[0].Schema.Properties.Keys, schema.Properties.Keys);
        Assert.Equal(("A thing.", "org.example.Widget"), (schema.Description, schema.Name));
        Assert.Equal(["spec"], schema.Required);
        Assert.Equal(["red", "blue"], spec.Properties["color"].Enum);
        Assert.Equal(("int32", true, true), (spec.Properties["size"].Format, spec.Properties["price"].Immutable, spec.Properties["color"].Nullable));
        Assert.Equal("""{"a":[1,null]}""", spec.Properties["weight"].Default!.ToJsonString());
        Assert.True(spec.PatchRetainKeys && schema.Properties["metadata"].PreserveUnknownFields);
        Assert.Equal((SchemaType.String, true), (spec.Properties["labels"].AdditionalProperties!.Type, spec.Properties["labels"].AtomicMap));
        var parts = spec.Properties["parts"];
        Assert.Same(parts, parts.Items!.Properties["parts"]);
        Assert.Equal((ListKind.Map, "id", true, true), (parts.ListKind, parts.PatchMergeKey, parts.PatchMerge, parts.AllowDuplicates));
        Assert.Equal(["id"], parts.ListMapKeys);
        Assert.Same(schema, _widgets.Subresources[1].Schema);
        Assert.NotEmpty(_plains!.NameRule("9"));
        Assert.Empty(_widgets.NameRule("bad"));

        static string Text(ResourceDefinition kind) => string.Join('|', [
            kind.Resource, kind.Kind, kind.Singular, .. kind.ShortNames, .. kind.Categories, kind.Namespaced, kind.IsNamespaceKind, .. kind.Verbs, .. kind.Columns,
            kind.OwnTableLayout, .. kind.SelectableFields, kind.TracksGeneration, kind.CreatesOnUpdate, kind.UpdateNeedsRevision, kind.ReturnsDeletedObject, kind.ActsOn!,
            .. kind.Subresources.SelectMany(s => (object[])[s.Name, s.Type, s.Kind, s.SpecReplicasPath, s.StatusReplicasPath, s.SelectorPath, .. s.Verbs])]);
    }

    private ValueTask<WriteRuling> WriteAsync(JsonObject obj, JsonObject? old, WriteSteps steps, CancellationToken? cancellationToken = null) => _widgets!.Rules.WriteAsync(
        new ResourceWrite { Definition = _widgets, Context = Context(old is null ? "" : "status"), Object = obj, Old = old, Steps = steps }, cancellationToken ?? Token);

    private static StrategyContext Context(string subresource) => new()
    {
        User = new UserInfo("carla"),
        Resource = new GroupVersionResource("", "v1", "widgets"),
        Namespace = "ns",
        Name = "w",
        Subresource = subresource,
        Now = Now,
        AllowLoopbackEndpoints = true,
    };

    private static JsonObject Widget(JsonObject spec, string name = "w") => new()
    {
        ["apiVersion"] = "example.org/v1",
        ["kind"] = "Widget",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "ns", ["uid"] = "u" },
        ["spec"] = spec,
    };
}
