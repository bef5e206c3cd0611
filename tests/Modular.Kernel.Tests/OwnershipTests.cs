using System.Text.Json.Nodes;

namespace Modular.Kernel.Tests;

/// <summary>What stands in metadata.managedFields after creates, updates, patches and writes of subresources.</summary>
public sealed class OwnershipTests : IAsyncLifetime
{
    private static readonly WriteOptions Ann = new() { FieldManager = "ann" };
    private static readonly WriteOptions Bob = new() { FieldManager = "bob" };

    private TestKernel _kernel = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _kernel = await TestKernel.StartAsync();

    public ValueTask DisposeAsync() => _kernel.DisposeAsync();

    [Fact]
    public async Task Who_creates_owns_what_he_set_and_what_was_filled_in_for_him()
    {
        var created = await _kernel.CreateAsync("""{"metadata":{"name":"w","labels":{"a":"b"}},"spec":{"color":"red"},"status":{"phase":"Mine"}}""", options: Ann);
        Assert.Equal(
            ["""ann Update test.dev/v1 2026-01-02T03:04:05Z {"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{".":{},"f:color":{},"f:replicas":{}}}"""],
            Owners(created));
    }

    [Fact]
    public async Task Who_changes_takes_what_changed()
    {
        await _kernel.CreateAsync("""{"metadata":{"name":"w","labels":{"a":"b"}},"spec":{"color":"red","node":"n"}}""", options: Ann);
        _kernel.Time.Advance(TimeSpan.FromSeconds(1.7));
        var patched = (await _kernel.MergeAsync("w", """{"metadata":{"labels":{"c":"d"}},"spec":{"color":"blue","node":null}}""", options: Bob)).Object!;
        Assert.Equal(
            [
                """ann Update test.dev/v1 2026-01-02T03:04:05Z {"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{".":{},"f:replicas":{}}}""",
                """bob Update test.dev/v1 2026-01-02T03:04:06Z {"f:metadata":{"f:labels":{"f:c":{}}},"f:spec":{"f:color":{}}}""",
            ],
            Owners(patched));
        Assert.Equal(Owners(patched), Owners(await _kernel.GetAsync("w")));
    }

    [Fact]
    public async Task An_update_is_merged_with_the_writers_earlier_ones()
    {
        await _kernel.CreateAsync("""{"metadata":{"name":"w"},"spec":{}}""", options: Ann);
        var obj = (await _kernel.GetAsync("w")).ToJsonObject();
        obj["spec"]!["color"] = "green";
        var updated = (await _kernel.PutAsync("w", obj, options: Ann)).Object!;
        Assert.Equal(["""ann Update test.dev/v1 2026-01-02T03:04:05Z {"f:spec":{".":{},"f:color":{},"f:replicas":{}}}"""], Owners(updated));
    }

    [Fact]
    public async Task A_status_and_a_scale_are_written_through_entries_of_their_own()
    {
        await _kernel.CreateAsync("""{"metadata":{"name":"w"},"spec":{}}""", options: Ann);
        await _kernel.MergeAsync("w", """{"metadata":{"labels":{"x":"y"}},"spec":{"color":"red"},"status":{"phase":"Up"}}""", "status", Bob);
        await _kernel.MergeAsync("w", """{"spec":{"replicas":3}}""", "scale", Bob);
        Assert.Equal(
            [
                """ann Update test.dev/v1 2026-01-02T03:04:05Z {"f:spec":{}}""",
                """bob Update test.dev/v1 2026-01-02T03:04:05Z scale {"f:spec":{"f:replicas":{}}}""",
                """bob Update test.dev/v1 2026-01-02T03:04:05Z status {"f:metadata":{"f:labels":{".":{},"f:x":{}}},"f:status":{".":{},"f:phase":{}}}""",
            ],
            Owners(await _kernel.GetAsync("w")));
    }

    [Fact]
    public async Task A_write_that_changes_nothing_is_none()
    {
        var created = await _kernel.CreateAsync("""{"metadata":{"name":"w"},"spec":{"color":"red"}}""", options: Ann);
        _kernel.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(created.Revision, (await _kernel.MergeAsync("w", """{"spec":{"color":"red"}}""", options: Bob)).Object!.Revision);
        Assert.Equal(created.Revision, (await _kernel.PutAsync("w", created.ToJsonObject(), options: Bob)).Object!.Revision);
        Assert.Equal(created.Revision, (await _kernel.MergeAsync("w", """{"status":null}""", "status", Bob)).Object!.Revision);
        Assert.Equal(Owners(created), Owners(await _kernel.GetAsync("w")));
    }

    [Fact]
    public async Task Binding_and_deletion_leave_owners_alone()
    {
        var created = await _kernel.CreateAsync("""{"metadata":{"name":"w","finalizers":["a/b"]},"spec":{}}""", options: Ann);
        await _kernel.Pipeline.CreateAsync(
            TestKernel.Widgets("create", "w", "binding"), TestKernel.Body("""{"metadata":{"name":"w"},"node":"n"}"""), Bob, Token);
        await _kernel.DeleteAsync("w");
        var left = await _kernel.GetAsync("w");
        Assert.NotNull(left.Metadata.DeletionTimestamp);
        Assert.Equal(Owners(created), Owners(left));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{}]")]
    public async Task Whoever_sends_nothing_as_owners_resets_them_and_nobody_is_tracked_then(string nothing)
    {
        await _kernel.CreateAsync("""{"metadata":{"name":"w"},"spec":{}}""", options: Ann);
        var reset = (await _kernel.MergeAsync("w", $$$"""{"metadata":{"managedFields":{{{nothing}}}}}""", options: Bob)).Object!;
        Assert.Empty(Owners(reset));
        Assert.Empty(Owners((await _kernel.MergeAsync("w", """{"spec":{"color":"red"}}""", options: Bob)).Object!));
    }

    [Fact]
    public async Task A_clients_own_owners_count_if_they_are_right_and_not_if_they_are_wrong()
    {
        var before = await _kernel.CreateAsync("""{"metadata":{"name":"w"},"spec":{"color":"red"}}""", options: Ann);
        var obj = before.ToJsonObject();
        obj["metadata"]!["managedFields"] = JsonNode.Parse("""[{"manager":"eve","operation":"Wrong","apiVersion":"test.dev/v1","fieldsType":"FieldsV1","fieldsV1":{}}]""");
        Assert.Equal(before.Revision, (await _kernel.PutAsync("w", obj, options: Bob)).Object!.Revision);

        obj["metadata"]!["managedFields"] = JsonNode.Parse(
            """[{"manager":"eve","operation":"Apply","apiVersion":"test.dev/v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:color":{}}}}]""");
        Assert.Equal(["""eve Apply test.dev/v1 2026-01-01T00:00:00Z {"f:spec":{"f:color":{}}}"""], Owners((await _kernel.PutAsync("w", obj, options: Bob)).Object!));

        // Whoever does not know of owners does not take them away.
        obj["metadata"]!.AsObject().Remove("managedFields");
        obj["metadata"]!.AsObject().Remove("resourceVersion");
        obj["spec"]!["node"] = "n";
        Assert.Equal(
            ["""eve Apply test.dev/v1 2026-01-01T00:00:00Z {"f:spec":{"f:color":{}}}""", """bob Update test.dev/v1 2026-01-02T03:04:05Z {"f:spec":{"f:node":{}}}"""],
            Owners((await _kernel.PutAsync("w", obj, options: Bob)).Object!));
    }

    [Fact]
    public async Task Owners_can_be_patched_by_place()
    {
        await _kernel.CreateAsync("""{"metadata":{"name":"w"},"spec":{"color":"red"}}""", options: Ann);
        var patched = await _kernel.Pipeline.PatchAsync(
            TestKernel.Widgets("patch", "w"), PatchType.Json,
            TestKernel.Body("""
                [{"op":"test","path":"/metadata/managedFields/0/manager","value":"ann"},
                 {"op":"replace","path":"/metadata/managedFields/0/manager","value":"kubectl"},
                 {"op":"replace","path":"/metadata/managedFields/0/operation","value":"Apply"}]
                """),
            Bob, Token);
        Assert.Equal(["""kubectl Apply test.dev/v1 2026-01-02T03:04:05Z {"f:spec":{".":{},"f:color":{},"f:replicas":{}}}"""], Owners(patched.Object!));
    }

    [Fact]
    public async Task Owners_of_another_shape_are_refused()
    {
        await _kernel.CreateNamedAsync("w");
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await _kernel.MergeAsync("w", """{"metadata":{"managedFields":7}}"""));
        Assert.Equal((StatusReason.BadRequest, "metadata.managedFields is not a list"), (refused.Reason, refused.Message));
    }

    internal static List<string> Owners(ApiObject obj)
    {
        var entries = obj.ToJsonObject()["metadata"]!["managedFields"] as JsonArray ?? [];
        return [.. entries.Select(entry => string.Join(' ', new[]
        {
            entry!["manager"]!.GetValue<string>(),
            entry["operation"]!.GetValue<string>(),
            entry["apiVersion"]!.GetValue<string>(),
            entry["time"]!.GetValue<string>(),
            entry["subresource"]?.GetValue<string>() ?? "",
            entry["fieldsV1"]!.ToJsonString(),
        }.Where(part => part.Length > 0)))];
    }
}
