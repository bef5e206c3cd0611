using System.Text.Json.Nodes;

namespace Modular.Kernel.Tests;

/// <summary>Server-side apply through the pipeline.</summary>
public sealed class ApplyTests : IAsyncLifetime
{
    private static readonly string[] RedSpec = ["""ann Apply test.dev/v1 2026-01-02T03:04:05Z {"f:spec":{"f:color":{}}}"""];

    private TestKernel _kernel = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _kernel = await TestKernel.StartAsync();

    public ValueTask DisposeAsync() => _kernel.DisposeAsync();

    [Fact]
    public async Task What_is_not_there_is_created_and_the_same_again_is_nothing()
    {
        var created = await ApplyAsync("ann", """{"spec":{"color":"red"}}""");
        Assert.True(created.Created);
        Assert.Equal("""{"color":"red","replicas":1}""", created.Object!.ToJsonObject()["spec"]!.ToJsonString());
        Assert.NotEmpty(created.Object.Metadata.Uid);
        Assert.Equal(RedSpec, OwnershipTests.Owners(created.Object));

        _kernel.Time.Advance(TimeSpan.FromHours(1));
        var again = await ApplyAsync("ann", """{"spec":{"color":"red"}}""");
        Assert.False(again.Created);
        Assert.Equal(created.Object.Revision, again.Object!.Revision);
        Assert.Equal(RedSpec, OwnershipTests.Owners(again.Object));
    }

    [Fact]
    public async Task A_field_given_up_goes_back_to_its_default()
    {
        await ApplyAsync("ann", """{"spec":{"color":"red","replicas":5}}""");
        var applied = await ApplyAsync("ann", """{"spec":{"color":"red"}}""");
        Assert.Equal(1, applied.Object!.ToJsonObject().GetInt64("spec.replicas"));
        Assert.Equal(2, applied.Object.Metadata.Generation);
    }

    [Fact]
    public async Task Others_fields_are_a_conflict_unless_forced()
    {
        await _kernel.CreateAsync("""{"metadata":{"name":"w"},"spec":{"color":"red"}}""", options: new WriteOptions { FieldManager = "bob" });
        var conflict = await Assert.ThrowsAsync<ApiException>(async () => await ApplyAsync("ann", """{"spec":{"color":"blue"}}"""));
        Assert.Equal("""Apply failed with 1 conflict: conflict with "bob" using test.dev/v1: .spec.color""", conflict.Message);
        var forced = await ApplyAsync("ann", """{"spec":{"color":"blue"}}""", force: true);
        Assert.Equal("blue", forced.Object!.ToJsonObject().GetString("spec.color"));
        Assert.Contains("bob Update test.dev/v1 2026-01-02T03:04:05Z {\"f:spec\":{\".\":{},\"f:replicas\":{}}}", OwnershipTests.Owners(forced.Object));
    }

    [Fact]
    public async Task Dry_run_stores_nothing()
    {
        Assert.True((await ApplyAsync("ann", """{"spec":{"color":"red"}}""", dryRun: true)).Created);
        await Assert.ThrowsAsync<ApiException>(async () => await _kernel.GetAsync("w"));
        var created = (await ApplyAsync("ann", """{"spec":{"color":"red"}}""")).Object!;
        var dry = (await ApplyAsync("ann", """{"spec":{"color":"blue"}}""", dryRun: true)).Object!;
        Assert.Equal("blue", dry.ToJsonObject().GetString("spec.color"));
        Assert.Equal("red", (await _kernel.GetAsync("w")).ToJsonObject().GetString("spec.color"));
        Assert.Equal(created.Revision, (await _kernel.GetAsync("w")).Revision);
    }

    [Fact]
    public async Task Validation_and_admission_come_afterwards()
    {
        var invalid = await Assert.ThrowsAsync<ApiException>(async () => await ApplyAsync("ann", """{"spec":{"color":"pink"}}"""));
        Assert.Equal(StatusReason.Invalid, invalid.Reason);
        await using var kernel = await TestKernel.StartAsync(null, new Painter());
        var painted = (await ApplyAsync(kernel, "ann", """{"spec":{"color":"red"}}""")).Object!;
        Assert.Equal("green", painted.ToJsonObject().GetString("spec.color"));
        Assert.Equal(RedSpec, OwnershipTests.Owners(painted));
    }

    [Theory]
    [InlineData("""{"apiVersion":"test.dev/v1","kind":"Gadget","metadata":{"name":"w"}}""", StatusReason.BadRequest, "invalid object type: test.dev/v1, Kind=Gadget")]
    [InlineData("""{"metadata":{"name":"w"}}""", StatusReason.BadRequest, "invalid object type: /, Kind=")]
    [InlineData("""{"apiVersion":"test.dev/v1","kind":"Widget","metadata":{}}""", StatusReason.BadRequest, "metadata.name must be provided")]
    [InlineData("""{"apiVersion":"test.dev/v1","kind":"Widget","metadata":{"name":"x"}}""", StatusReason.BadRequest, "does not match the name on the URL")]
    [InlineData("""{"apiVersion":"test.dev/v1","kind":"Widget","metadata":{"name":"w","namespace":"other"}}""", StatusReason.BadRequest, "the namespace of the provided object")]
    [InlineData("""{"apiVersion":"test.dev/v1","kind":"Widget","metadata":{"name":"w","managedFields":[]}}""", StatusReason.BadRequest, "metadata.managedFields must be nil")]
    [InlineData("""{"apiVersion":"test.dev/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"foo":1}}""", StatusReason.BadRequest,
        "failed to create typed patch object (default/w; test.dev/v1, Kind=Widget): .spec.foo: field not declared in schema")]
    [InlineData("""{"apiVersion":"test.dev/v1","kind":"Widget","metadata":{"name":"w","uid":"u"}}""", StatusReason.Conflict,
        "uid mismatch: the provided object specified uid u, and no existing object was found")]
    [InlineData("""{"apiVersion":"test.dev/v1","kind":"Widget","metadata":{"name":"w","resourceVersion":"7"}}""", StatusReason.Conflict, "the object has been modified")]
    [InlineData("""["w"]""", StatusReason.BadRequest, "error decoding YAML")]
    public async Task Wrong_configurations_are_refused(string body, StatusReason reason, string message)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await _kernel.Pipeline.PatchAsync(
            TestKernel.Widgets("patch", "w"), PatchType.Apply, TestKernel.Body(body), new WriteOptions { FieldManager = "ann" }, Token));
        Assert.Equal(reason, refused.Reason);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Empty((await _kernel.ListAsync()).Items);
    }

    [Fact]
    public async Task Somebody_must_apply()
    {
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await ApplyAsync("", "{}"));
        Assert.Equal("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch", refused.Message);
    }

    [Fact]
    public async Task A_revision_is_a_precondition()
    {
        var created = (await ApplyAsync("ann", """{"spec":{"color":"red"}}""")).Object!;
        await ApplyAsync("ann", $$$"""{"metadata":{"resourceVersion":"{{{created.Revision}}}"},"spec":{"color":"blue"}}""");
        var late = await Assert.ThrowsAsync<ApiException>(
            async () => await ApplyAsync("ann", $$$"""{"metadata":{"resourceVersion":"{{{created.Revision}}}"},"spec":{"color":"green"}}"""));
        Assert.Equal(StatusReason.Conflict, late.Reason);
    }

    [Fact]
    public async Task A_status_and_a_scale_are_applied_by_themselves_and_not_created()
    {
        Assert.Equal(StatusReason.NotFound, (await Assert.ThrowsAsync<ApiException>(async () => await ApplyAsync("ann", """{"status":{"phase":"Up"}}""", subresource: "status"))).Reason);
        await ApplyAsync("ann", """{"spec":{"color":"red","replicas":2}}""");
        await ApplyAsync("ctl", """{"spec":{"color":"blue"},"status":{"phase":"Up"}}""", subresource: "status");
        var conflict = await Assert.ThrowsAsync<ApiException>(async () => await ApplyScaleAsync("hpa", 4, force: false));
        Assert.Equal("""Apply failed with 1 conflict: conflict with "ann": .spec.replicas""", conflict.Message);
        var scaled = (await ApplyScaleAsync("hpa", 4, force: true)).Object!;
        Assert.Equal(("Scale", 4), (scaled.Kind.Kind, scaled.ToJsonObject().GetInt64("spec.replicas")));
        Assert.Equal(
            [
                """ann Apply test.dev/v1 2026-01-02T03:04:05Z {"f:spec":{"f:color":{}}}""",
                """ctl Apply test.dev/v1 2026-01-02T03:04:05Z status {"f:status":{"f:phase":{}}}""",
                """hpa Apply test.dev/v1 2026-01-02T03:04:05Z scale {"f:spec":{"f:replicas":{}}}""",
            ],
            OwnershipTests.Owners(await _kernel.GetAsync("w")));
        Assert.Equal(StatusReason.Invalid, (await Assert.ThrowsAsync<ApiException>(async () => await ApplyScaleAsync("hpa", -1, force: true))).Reason);
    }

    [Fact]
    public async Task Keys_that_stand_twice_are_warned_of_or_refused()
    {
        var body = new RequestBody(JsonNode.Parse("""{"apiVersion":"test.dev/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"color":"red"}}""")!, ["line 9: key \"color\" already set in map"]);
        var strict = await Assert.ThrowsAsync<ApiException>(async () => await _kernel.Pipeline.PatchAsync(
            TestKernel.Widgets("patch", "w"), PatchType.Apply, body, new WriteOptions { FieldManager = "ann", FieldValidation = "Strict" }, Token));
        Assert.Equal(
            "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 9: key \"color\" already set in map", strict.Message);
        var warned = await _kernel.Pipeline.PatchAsync(TestKernel.Widgets("patch", "w"), PatchType.Apply, body, new WriteOptions { FieldManager = "ann" }, Token);
        Assert.Equal(["error converting YAML to JSON: yaml: unmarshal errors: line 9: key \"color\" already set in map"], warned.Warnings);
    }

    [Fact]
    public async Task Who_may_patch_and_not_create_creates_nothing()
    {
        var user = new UserInfo("system:plugin:reader") { Groups = ["system:plugins"] };
        _kernel.Kernel.Permissions.Register(user.Name, [new PermissionRule { ApiGroups = ["test.dev"], Resources = ["widgets"], Verbs = ["patch"] }]);
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await _kernel.Pipeline.PatchAsync(
            TestKernel.Widgets("patch", "w") with { User = user }, PatchType.Apply, Configuration("{}"), new WriteOptions { FieldManager = "r" }, Token));
        Assert.Equal(StatusReason.Forbidden, refused.Reason);
    }

    [Fact]
    public async Task Plugins_own_what_they_write_under_their_names_and_take_what_they_apply()
    {
        await _kernel.CreateAsync("""{"metadata":{"name":"w"},"spec":{"color":"red"}}""", options: new WriteOptions { FieldManager = "bob" });
        _kernel.Kernel.Permissions.Register("system:plugin:painter", [new PermissionRule { ApiGroups = ["*"], Resources = ["*"], Verbs = ["*"] }]);
        var plugin = _kernel.Kernel.CreateClient(new PluginIdentity("painter", "p", "1.0.0", 1));
        var applied = await plugin.PatchAsync(
            new ResourceName(Kinds.Widgets, "default", "w"), PatchType.Apply, Configuration("""{"spec":{"color":"blue"}}""").Node, "", Token);
        Assert.Contains("""painter Apply test.dev/v1 2026-01-02T03:04:05Z {"f:spec":{"f:color":{}}}""", OwnershipTests.Owners(applied));
    }

    private ValueTask<WriteResult> ApplyAsync(string manager, string config, bool force = false, bool dryRun = false, string subresource = "") =>
        ApplyAsync(_kernel, manager, config, force, dryRun, subresource);

    private static ValueTask<WriteResult> ApplyAsync(
        TestKernel kernel, string manager, string config, bool force = false, bool dryRun = false, string subresource = "") =>
        kernel.Pipeline.PatchAsync(
            TestKernel.Widgets("patch", "w", subresource), PatchType.Apply, Configuration(config),
            new WriteOptions { FieldManager = manager, Force = force, DryRun = dryRun }, Token);

    private ValueTask<WriteResult> ApplyScaleAsync(string manager, int replicas, bool force) => _kernel.Pipeline.PatchAsync(
        TestKernel.Widgets("patch", "w", "scale"), PatchType.Apply,
        TestKernel.Body($$$"""{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"w"},"spec":{"replicas":{{{replicas}}}}}"""),
        new WriteOptions { FieldManager = manager, Force = force }, Token);

    private static RequestBody Configuration(string members)
    {
        var config = new JsonObject { ["apiVersion"] = "test.dev/v1", ["kind"] = "Widget", ["metadata"] = new JsonObject { ["name"] = "w" } };
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
        {
            if (name == "metadata")
            {
                foreach (var (field, stated) in value!.AsObject())
                {
                    config["metadata"]![field] = stated?.DeepClone();
                }
            }
            else
            {
                config[name] = value?.DeepClone();
            }
        }

        return TestKernel.Body(config);
    }

    private sealed class Painter : IAdmission
    {
        public bool Handles(GroupVersionResource resource, string subresource, AdmissionOperation operation) => resource == Kinds.Widgets;

        public ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
        {
            request.Object!["spec"]!["color"] = "green";
            return ValueTask.CompletedTask;
        }

        public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
