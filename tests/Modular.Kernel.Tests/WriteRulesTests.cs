using System.Text.Json.Nodes;

namespace Modular.Kernel.Tests;

public sealed class WriteRulesTests
{
    [Fact]
    public async Task A_new_object_gets_identity_defaults_and_generation()
    {
        await using var kernel = await TestKernel.StartAsync();

        var json = (await kernel.CreateAsync("""{"metadata":{"name":"a","generation":9,"deletionTimestamp":"2020-01-01T00:00:00Z"}}""")).ToJsonObject();

        Assert.Equal("test.dev/v1", json.GetString("apiVersion"));
        Assert.Equal("Widget", json.GetString("kind"));
        Assert.Equal("default", json.GetString("metadata.namespace"));
        Assert.True(Guid.TryParse(json.GetString("metadata.uid"), out _));
        Assert.Equal("2026-01-02T03:04:05Z", json.GetString("metadata.creationTimestamp"));
        Assert.Equal(1, json.GetInt64("metadata.generation"));
        Assert.Null(json.Get("metadata.deletionTimestamp"));
        Assert.NotEqual("0", json.GetString("metadata.resourceVersion"));
    }

    public static TheoryData<string, string, StatusReason, string> RefusedCreates => new()
    {
        { """{"metadata":{}}""", "default", StatusReason.Invalid, "metadata.name: Required value" },
        { """{"metadata":{"name":"Upper"}}""", "default", StatusReason.Invalid, "metadata.name: Invalid value: \"Upper\"" },
        { """{"metadata":{"name":"a","namespace":"other"}}""", "default", StatusReason.BadRequest, "the namespace of the provided object does not match" },
        { """{"apiVersion":"test.dev/v2","metadata":{"name":"a"}}""", "default", StatusReason.BadRequest, "the API version in the data (test.dev/v2) does not match" },
        { """{"kind":"Gadget","metadata":{"name":"a"}}""", "default", StatusReason.BadRequest, "the kind in the data (Gadget)" },
        { """{"metadata":{"name":"a","resourceVersion":"1"}}""", "default", StatusReason.BadRequest, "resourceVersion should not be set" },
        { """{"metadata":{"name":"a"},"spec":{"color":"pink"}}""", "default", StatusReason.Invalid, "spec.color: Unsupported value: \"pink\"" },
        { """{"metadata":{"name":"a"},"spec":{"replicas":101}}""", "default", StatusReason.Invalid, "must be at most 100" },
        { """{"metadata":{"name":"a"},"spec":{"replicas":"x"}}""", "default", StatusReason.BadRequest, "cannot be handled as a Widget" },
        { """[]""", "default", StatusReason.BadRequest, "not a JSON object" },
        { """{"metadata":{"name":"a"}}""", "nowhere", StatusReason.NotFound, "rooms \"nowhere\" not found" },
    };

    [Theory]
    [MemberData(nameof(RefusedCreates))]
    public async Task A_wrong_object_is_refused_in_known_words(string json, string ns, StatusReason reason, string message)
    {
        await using var kernel = await TestKernel.StartAsync();

        var error = await Assert.ThrowsAsync<ApiException>(() => kernel.CreateAsync(json, ns));

        Assert.Equal(reason, error.Reason);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Empty((await kernel.ListAsync()).Items);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("\u65e5\u672c")]
    [InlineData("a\u0001")]
    [InlineData("LONG")]
    public async Task A_name_that_no_key_can_hold_is_refused_whatever_its_kind_allows(string name)
    {
        await using var kernel = await TestKernel.StartAsync();
        name = name == "LONG" ? new string('a', 254) : name;
        var request = new ApiRequest { User = TestKernel.Admin, Verb = "create", Resource = Kinds.Tokens, Namespace = "default" };
        var body = TestKernel.Body(new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });

        var error = await Assert.ThrowsAsync<ApiException>(() => kernel.Pipeline.CreateAsync(request, body, new WriteOptions(), CancellationToken.None).AsTask());

        Assert.Equal((StatusReason.Invalid, "metadata.name"), (error.Reason, Assert.Single(error.Status.Causes).Field));
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");

        var error = await Assert.ThrowsAsync<ApiException>(() => kernel.CreateNamedAsync("a"));

        Assert.Equal("widgets.test.dev \"a\" already exists", error.Message);
        Assert.Equal(409, error.Status.Code);
    }

    [Fact]
    public async Task Names_are_generated()
    {
        await using var kernel = await TestKernel.StartAsync();

        var created = await kernel.CreateAsync("""{"metadata":{"generateName":"web-"}}""");

        Assert.StartsWith("web-", created.Metadata.Name, StringComparison.Ordinal);
        Assert.Equal(9, created.Metadata.Name.Length);
    }

    [Fact]
    public async Task Unknown_fields_are_dropped_with_a_warning_or_refused()
    {
        await using var kernel = await TestKernel.StartAsync();
        RequestBody Sent() => new(JsonNode.Parse("""{"metadata":{"name":"a"},"spec":{"nope":1}}""")!, ["spec.replicas"]);
        var request = TestKernel.Widgets("create");

        var strict = await Assert.ThrowsAsync<ApiException>(async () => await kernel.Pipeline.CreateAsync(
            request, Sent(), new WriteOptions { FieldValidation = "Strict" }, CancellationToken.None));
        var warned = await kernel.Pipeline.CreateAsync(request, Sent(), new WriteOptions(), CancellationToken.None);

        Assert.Equal(400, strict.Status.Code);
        Assert.Contains("strict decoding error: unknown field \"spec.nope\", duplicate field \"spec.replicas\"", strict.Message, StringComparison.Ordinal);
        Assert.Equal(["unknown field \"spec.nope\"", "duplicate field \"spec.replicas\""], warned.Warnings);
        Assert.Null(warned.Object!.ToJsonObject().Get("spec.nope"));
    }

    [Fact]
    public async Task A_put_with_an_old_revision_conflicts()
    {
        await using var kernel = await TestKernel.StartAsync();
        var old = (await kernel.CreateNamedAsync("a")).ToJsonObject();
        await kernel.MergeAsync("a", """{"spec":{"color":"red"}}""");

        old.Set("spec.color", "blue");
        var error = await Assert.ThrowsAsync<ApiException>(async () => await kernel.PutAsync("a", old));

        Assert.Equal(
            "Operation cannot be fulfilled on widgets.test.dev \"a\": the object has been modified; "
            + "please apply your changes to the latest version and try again",
            error.Message);
        Assert.Equal(409, error.Status.Code);
    }

    [Fact]
    public async Task A_put_never_creates()
    {
        await using var kernel = await TestKernel.StartAsync();

        var error = await Assert.ThrowsAsync<ApiException>(async () => await kernel.PutAsync("a", JsonNode.Parse("""{"metadata":{"name":"a"}}""")!));

        Assert.Equal("widgets.test.dev \"a\" not found", error.Message);
    }

    [Fact]
    public async Task Writing_what_is_there_keeps_the_revision()
    {
        await using var kernel = await TestKernel.StartAsync();
        var created = await kernel.CreateAsync("""{"metadata":{"name":"a","labels":{"x":"1","y":"2"}},"spec":{"color":"red"}}""");

        var sameInOtherOrder = JsonNode.Parse("""{"spec":{"color":"red"},"metadata":{"name":"a","labels":{"y":"2","x":"1"}}}""")!;
        var put = await kernel.PutAsync("a", sameInOtherOrder);
        var patched = await kernel.MergeAsync("a", """{"spec":{"color":"red"}}""");

        Assert.Equal(created.Revision, put.Object!.Revision);
        Assert.Equal(created.Revision, patched.Object!.Revision);
    }

    public static TheoryData<string, string, long> Generations => new()
    {
        { "", """{"spec":{"color":"red"}}""", 2 },
        { "", """{"metadata":{"labels":{"a":"b"}}}""", 1 },
        { "", """{"status":{"phase":"Running"}}""", 1 },
        { "status", """{"status":{"phase":"Running"}}""", 1 },
        { "scale", """{"spec":{"replicas":3}}""", 2 },
    };

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Generation_counts_changes_of_desired_state(string subresource, string patch, long generation)
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");

        await kernel.MergeAsync("a", patch, subresource);

        Assert.Equal(generation, (await kernel.GetAsync("a")).Metadata.Generation);
    }

    [Fact]
    public async Task Status_and_the_rest_are_written_apart()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");

        await kernel.MergeAsync("a", """{"metadata":{"labels":{"l":"1"},"finalizers":["x/y"]},"spec":{"color":"red"},"status":{"phase":"Up"}}""", "status");
        var afterStatus = (await kernel.GetAsync("a")).ToJsonObject();
        await kernel.MergeAsync("a", """{"spec":{"color":"blue"},"status":{"phase":"Down"}}""");
        var afterMain = (await kernel.GetAsync("a")).ToJsonObject();

        Assert.Equal("Up", afterStatus.GetString("status.phase"));
        Assert.Equal("1", afterStatus.GetString("metadata.labels.l"));
        Assert.Null(afterStatus.Get("spec.color"));
        Assert.Null(afterStatus.Get("metadata.finalizers"));
        Assert.Equal("Up", afterMain.GetString("status.phase"));
        Assert.Equal("blue", afterMain.GetString("spec.color"));
    }

    public static TheoryData<string> ImmutableFields => ["name", "uid", "creationTimestamp"];

    [Theory]
    [MemberData(nameof(ImmutableFields))]
    public async Task Identity_never_changes(string field)
    {
        await using var kernel = await TestKernel.StartAsync();
        var created = await kernel.CreateNamedAsync("a");

        await Assert.ThrowsAsync<ApiException>(
            async () => await kernel.MergeAsync("a", $$$"""{"metadata":{"{{{field}}}":"2021-01-01T00:00:00Z"}}"""));

        Assert.Equal(created.Revision, (await kernel.GetAsync("a")).Revision);
    }

    [Fact]
    public async Task Scale_shows_and_sets_the_count()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateAsync("""{"metadata":{"name":"a"},"spec":{"replicas":2,"selector":{"b":"2","a":"1"}}}""");

        var scale = (await kernel.Pipeline.GetAsync(TestKernel.Widgets("get", "a", "scale"), CancellationToken.None)).ToJsonObject();
        scale.Set("spec.replicas", 5);
        var written = (await kernel.PutAsync("a", scale, "scale")).Object!.ToJsonObject();
        var stale = await Assert.ThrowsAsync<ApiException>(async () => await kernel.PutAsync("a", scale.DeepClone(), "scale"));
        var negative = await Assert.ThrowsAsync<ApiException>(async () => await kernel.MergeAsync("a", """{"spec":{"replicas":-1}}""", "scale"));

        Assert.Equal("a=1,b=2", scale.GetString("status.selector"));
        Assert.Equal("autoscaling/v1", written.GetString("apiVersion"));
        Assert.Equal(5, written.GetInt64("spec.replicas"));
        Assert.Equal(5, (await kernel.GetAsync("a")).ToJsonObject().GetInt64("spec.replicas"));
        Assert.Equal(StatusReason.Conflict, stale.Reason);
        Assert.Contains("must be greater than or equal to 0", negative.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_changes_the_object_once()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");
        var request = TestKernel.Widgets("create", "a", "binding");

        var done = await kernel.Pipeline.CreateAsync(request, TestKernel.Body("""{"metadata":{"name":"a"},"node":"n1"}"""), new WriteOptions(), CancellationToken.None);
        await Assert.ThrowsAsync<ApiException>(
            async () => await kernel.Pipeline.CreateAsync(request, TestKernel.Body("""{"metadata":{"name":"a"},"node":"n2"}"""), new WriteOptions(), CancellationToken.None));

        Assert.Null(done.Object);
        var bound = await kernel.GetAsync("a");
        Assert.Equal("n1", bound.ToJsonObject().GetString("spec.node"));
        Assert.Equal(1, bound.Metadata.Generation);
    }

    [Fact]
    public async Task An_action_may_end_the_object()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");
        var request = TestKernel.Widgets("create", "a", "binding");
        var body = """{"metadata":{"name":"a"},"node":"nowhere"}""";

        await kernel.Pipeline.CreateAsync(request, TestKernel.Body(body), new WriteOptions { DryRun = true }, CancellationToken.None);
        Assert.Equal("a", (await kernel.GetAsync("a")).Metadata.Name);
        var done = await kernel.Pipeline.CreateAsync(request, TestKernel.Body(body), new WriteOptions(), CancellationToken.None);

        Assert.Equal((true, null), (done.Created, done.Object));
        Assert.Empty((await kernel.ListAsync()).Items);
    }

    [Fact]
    public async Task A_part_is_all_that_can_be_written_through_its_subresource()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateAsync("""{"metadata":{"name":"a"},"spec":{"color":"red","node":"n","parts":[{"name":"x","color":"red","size":"1"},{"name":"y"}]}}""");

        var patch = """{"metadata":{"labels":{"l":"1"}},"spec":{"color":"blue","node":"m","parts":[{"name":"y","color":"green","size":"2"},{"name":"z","color":"red"}]},"status":{"phase":"P"}}""";
        var result = await kernel.MergeAsync("a", patch, "paint");

        Assert.Equal(
            """{"color":"blue","node":"n","parts":[{"name":"x","color":"red","size":"1"},{"name":"y","color":"green"}],"replicas":1}""",
            result.Object!.ToJsonObject()["spec"]!.ToJsonString());
        Assert.Equal((2, 0), (result.Object.Metadata.Generation, result.Object.Metadata.Labels.Count));
        Assert.Null(result.Object.ToJsonObject()["status"]);
    }

    [Fact]
    public async Task A_dry_run_does_everything_but_store()
    {
        await using var kernel = await TestKernel.StartAsync();
        var dry = new WriteOptions { DryRun = true };
        await kernel.CreateNamedAsync("a");
        var before = (await kernel.GetAsync("a")).Revision;

        var created = await kernel.CreateAsync("""{"metadata":{"name":"b"}}""", options: dry);
        var taken = await Assert.ThrowsAsync<ApiException>(() => kernel.CreateAsync("""{"metadata":{"name":"a"}}""", options: dry));
        var patched = await kernel.MergeAsync("a", """{"spec":{"color":"red"}}""", options: dry);
        var deleted = await kernel.DeleteAsync("a", dryRun: true);

        Assert.NotEmpty(created.Metadata.Uid);
        Assert.Equal(StatusReason.AlreadyExists, taken.Reason);
        Assert.Equal("red", patched.Object!.ToJsonObject().GetString("spec.color"));
        Assert.True(deleted.Gone);
        Assert.Equal(before, Assert.Single((await kernel.ListAsync()).Items).Revision);
    }

    [Fact]
    public async Task Patches_that_meet_are_all_applied()
    {
        await using var kernel = await TestKernel.StartAsync();
        await kernel.CreateNamedAsync("a");
        var meet = new SemaphoreSlim(0);
        var arrived = 0;
        kernel.Store.BeforeCommit = async _ =>
        {
            if (Interlocked.Increment(ref arrived) == 8)
            {
                meet.Release(8);
            }
            else if (arrived < 8)
            {
                await meet.WaitAsync();
            }
        };

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            async () => await kernel.MergeAsync("a", $$$"""{"metadata":{"labels":{"l{{{i}}}":"x"} } }"""))));

        Assert.Equal(8, (await kernel.GetAsync("a")).Metadata.Labels.Count);
        Assert.True(kernel.Store.Conflicts >= 7);
    }

    [Fact]
    public async Task A_store_that_can_not_be_asked_is_answered_503_and_the_request_can_be_tried_again()
    {
        await using var kernel = await TestKernel.StartAsync();
        kernel.Store.BeforeCommit = _ => throw new IOException("its process has ended");
        var refused = await Assert.ThrowsAsync<ApiException>(() => kernel.CreateNamedAsync("a"));
        Assert.Equal((503, "the store can't be asked now: its process has ended", 1), (refused.Status.Code, refused.Message, refused.Status.RetryAfterSeconds));
        kernel.Store.BeforeCommit = null;
        await kernel.CreateNamedAsync("a");
    }

    public static TheoryData<CommitOutcome, int> StoreFailures => new()
    {
        { CommitOutcome.NoSpace, 507 },
        { CommitOutcome.TooLarge, 413 },
        { CommitOutcome.Unknown, 504 },
    };

    [Theory]
    [MemberData(nameof(StoreFailures))]
    internal async Task A_store_that_fails_is_answered_with_its_code(CommitOutcome outcome, int code)
    {
        await using var kernel = await TestKernel.StartAsync();
        kernel.Store.Fails = outcome;

        var error = await Assert.ThrowsAsync<ApiException>(() => kernel.CreateNamedAsync("a"));

        Assert.Equal(code, error.Status.Code);
        Assert.Empty((await kernel.ListAsync()).Items);
    }
}
