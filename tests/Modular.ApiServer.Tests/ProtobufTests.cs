using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Modular.ApiServer.Tests;

public sealed class ProtobufTests
{
    private const string Protobuf = Gadgets.Protobuf;
    private const string All = "/apis/example.com/v1/namespaces/default/gadgets";
    private const string One = All + "/a";
    private const string Widgets1 = "/apis/example.com/v1/namespaces/default/widgets";
    private const string Metadata = ";as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

    [Theory]
    [InlineData(Protobuf, Protobuf)]
    [InlineData(Protobuf + ", */*", Protobuf)]
    [InlineData(Protobuf + ",application/json", Protobuf)]
    [InlineData("application/json," + Protobuf, "application/json")]
    [InlineData("application/json;q=0.5," + Protobuf + ";q=0.9", Protobuf)]
    [InlineData("application/json;q=0.9," + Protobuf + ";q=0.5", "application/json")]
    [InlineData(Protobuf + ";q=0,application/json", "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData(Protobuf + ";as=Table;v=v1;g=meta.k8s.io,application/json", "application/json")]
    [InlineData(Protobuf + ";stream=watch", Protobuf)]
    public async Task An_object_is_shown_in_the_form_that_is_rated_best(string accept, string contentType)
    {
        await using var server = await StartAsync();
        server.Pipeline.Object = Gadgets.Make("a", 7, "blåå");
        var answer = await Gadgets.SendAsync(server, "GET", One + "?pretty=true", accept);
        Assert.Equal((200, contentType), (answer.Code, answer.ContentType));
        Assert.Equal(("example.com/v1", "Gadget", "7", "blåå"), (answer.Object.GetString("apiVersion"), answer.Object.GetString("kind"),
            answer.Object.GetString("metadata.resourceVersion"), answer.Object.GetString("spec.color")));
    }

    [Theory]
    [InlineData(Widgets1 + "/a", Protobuf)]
    [InlineData(Widgets1, Protobuf)]
    [InlineData(Widgets1 + "?watch=true", Protobuf)]
    [InlineData(Widgets1, Protobuf + Metadata)]
    [InlineData(One, Protobuf + ";as=Table;v=v1;g=meta.k8s.io")]
    public async Task What_has_no_protobuf_form_is_not_acceptable(string path, string accept)
    {
        await using var server = await StartAsync();
        var answer = await Gadgets.SendAsync(server, "GET", path, accept);
        Assert.Equal((406, "application/json", "NotAcceptable"), (answer.Code, answer.ContentType, answer.Object.GetString("reason")));
        Assert.Null(server.Pipeline.Request);
    }

    [Fact]
    public async Task A_list_carries_its_metadata_and_all_items()
    {
        await using var server = await StartAsync();
        var items = Enumerable.Range(1, 3000).Select(i => Gadgets.Make($"g{i}", i, new string('x', 300))).ToList();
        server.Pipeline.List = new ListResult { Items = items, Revision = 9000, Continue = "next", RemainingItemCount = 4 };
        var answer = await Gadgets.SendAsync(server, "GET", All, Protobuf);
        Assert.Equal((200, Protobuf, "GadgetList"), (answer.Code, answer.ContentType, answer.Object.GetString("kind")));
        Assert.Equal("""{"resourceVersion":"9000","continue":"next","remainingItemCount":4}""", answer.Object["metadata"]!.ToJsonString());
        Assert.Equal(items.Select(i => i.Name.Name), answer.Object.GetArray("items")!.Select(i => ((JsonObject)i!).GetString("metadata.name")));
    }

    [Fact]
    public async Task Metadata_alone_is_shown()
    {
        await using var server = await StartAsync();
        server.Pipeline.Object = Gadgets.Make("a", 7);
        var one = (await Gadgets.SendAsync(server, "GET", One, Protobuf + Metadata + ",application/json")).Object;
        Assert.Equal(
            """{"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadata","metadata":{"name":"a","namespace":"default","resourceVersion":"7"}}""",
            Sorted(one).ToJsonString());
        server.Pipeline.List = new ListResult { Items = [Gadgets.Make("a", 7)], Revision = 9 };
        var list = (await Gadgets.SendAsync(server, "GET", All, Protobuf + Metadata)).Object;
        Assert.Equal(("PartialObjectMetadataList", "a", null), (list.GetString("kind"),
            ((JsonObject)list.GetArray("items")![0]!).GetString("metadata.name"), ((JsonObject)list.GetArray("items")![0]!).GetString("spec.color")));
    }

    [Theory]
    [InlineData("POST", All, 201)]
    [InlineData("PUT", One, 201)]
    [InlineData("PUT", One + "/status", 201)]
    public async Task An_object_is_sent_and_answered(string method, string path, int code)
    {
        await using var server = await StartAsync();
        server.Pipeline.Written = new WriteResult { Object = Gadgets.Make("a", 8), Created = true };
        var body = Gadgets.Encode("Gadget", Gadgets.Definition.Schema, """{"metadata":{"name":"a"},"spec":{"color":"red"}}""");
        var answer = await Gadgets.SendAsync(server, method, path + "?fieldValidation=Strict", Protobuf, body);
        Assert.Equal((code, Protobuf, "8"), (answer.Code, answer.ContentType, answer.Object.GetString("metadata.resourceVersion")));
        Assert.Equal(
            """{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"a"},"spec":{"color":"red"}}""", server.Pipeline.Body!.Node.ToJsonString());
    }

    [Fact]
    public async Task A_subresource_takes_its_own_kind_and_answers_a_status()
    {
        await using var server = await StartAsync();
        server.Pipeline.Written = new WriteResult { Created = true };
        var body = Gadgets.Encode("Binding", Gadgets.Binding, """{"metadata":{"name":"a"},"node":"n1"}""");
        var answer = await Gadgets.SendAsync(server, "POST", One + "/binding", Protobuf + ",*/*", body);
        Assert.Equal((201, Protobuf, "Status", "Success"), (answer.Code, answer.ContentType, answer.Object.GetString("kind"), answer.Object.GetString("status")));
        Assert.Equal("n1", ((JsonObject)server.Pipeline.Body!.Node).GetString("node"));
    }

    [Theory]
    [InlineData("POST", Widgets1)]
    [InlineData("PUT", Widgets1 + "/a")]
    [InlineData("POST", One + "/anything")]
    [InlineData("PATCH", One)]
    public async Task What_has_no_protobuf_form_is_not_read(string method, string path)
    {
        await using var server = await StartAsync();
        var answer = await Gadgets.SendAsync(server, method, path, "application/json", Gadgets.Encode("Widget", Gadgets.Definition.Schema, "{}"));
        Assert.Equal((415, "UnsupportedMediaType"), (answer.Code, answer.Object.GetString("reason")));
        Assert.DoesNotContain("protobuf", answer.Object.GetString("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broken_protobuf_is_a_bad_request()
    {
        await using var server = await StartAsync();
        foreach (var body in (byte[][])[[], [1, 2, 3], [.. "k8s\0"u8, 0x12, 0xff], [.. "k8s\0"u8, 0x12, 2, 0x0a, 9], "{}"u8.ToArray()])
        {
            var answer = await Gadgets.SendAsync(server, "POST", All, "application/json", body);
            Assert.Equal((400, "BadRequest"), (answer.Code, answer.Object.GetString("reason")));
            Assert.StartsWith("protobuf parse error: ", answer.Object.GetString("message"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Options_of_a_delete_are_read_whatever_is_deleted()
    {
        await using var server = await StartAsync();
        var body = Gadgets.Encode("DeleteOptions", MetaMessages.DeleteOptions, """{"gracePeriodSeconds":0,"preconditions":{"uid":"u"},"propagationPolicy":"Orphan","dryRun":["All"]}""", "v1");
        foreach (var path in (string[])[One, Widgets1 + "/a"])
        {
            Assert.Equal(200, (await Gadgets.SendAsync(server, "DELETE", path, "application/json", body)).Code);
            Assert.Equal((0L, "u", "Orphan", true), (server.Pipeline.DeleteOptions!.GracePeriodSeconds, server.Pipeline.DeleteOptions.Uid,
                server.Pipeline.DeleteOptions.PropagationPolicy, server.Pipeline.DeleteDryRun));
        }

        var other = await Gadgets.SendAsync(server, "DELETE", One, Protobuf, Gadgets.Encode("Gadget", Gadgets.Definition.Schema, "{}"));
        Assert.Equal((400, "the body of a delete must be a DeleteOptions object: its kind is \"Gadget\""), (other.Code, other.Object.GetString("message")));
    }

    [Theory]
    [InlineData(Protobuf, Protobuf)]
    [InlineData(Protobuf + ",application/json", Protobuf)]
    [InlineData(Protobuf + ";q=0.1,application/json", "application/json")]
    [InlineData("*/*", "application/json")]
    public async Task A_failure_is_told_in_the_form_asked_for(string accept, string contentType)
    {
        await using var server = await StartAsync();
        server.Pipeline.Failure = new ApiException(new ApiStatus(StatusReason.Invalid, "wrong")
        {
            Kind = "Gadget",
            Group = "example.com",
            Name = "a",
            RetryAfterSeconds = 2,
            Causes = [new StatusCause("FieldValueRequired", "Required value", "spec.color")],
        });
        var answer = await Gadgets.SendAsync(server, "GET", One, accept);
        Assert.Equal((422, contentType), (answer.Code, answer.ContentType));
        Assert.Equal(("Failure", "wrong", "Invalid", 422L, 2L), (answer.Object.GetString("status"), answer.Object.GetString("message"), answer.Object.GetString("reason"),
            answer.Object.GetInt64("code"), answer.Object.GetInt64("details.retryAfterSeconds")));
        Assert.Equal("spec.color", ((JsonObject)answer.Object.GetArray("details.causes")![0]!).GetString("field"));
    }

    [Fact]
    public async Task A_deleted_object_is_a_status_in_protobuf()
    {
        await using var server = await StartAsync();
        var answer = await Gadgets.SendAsync(server, "DELETE", One, Protobuf);
        Assert.Equal((200, Protobuf, "Success", "uid-a"), (answer.Code, answer.ContentType, answer.Object.GetString("status"), answer.Object.GetString("details.uid")));
    }

    [Fact]
    public async Task A_watch_is_frames_of_events()
    {
        await using var server = await StartAsync();
        await using var frames = await OpenAsync(server, All + "?watch=true", Protobuf + ";stream=watch");
        server.Pipeline.Watch.Send(
            new(WatchEventType.Added, Gadgets.Make("a", 5)), new(WatchEventType.Modified, Gadgets.Make("a", 6, new string('x', 20_000))),
            new(WatchEventType.Deleted, Gadgets.Make("a", 6).At(7)), new(WatchEventType.Bookmark, Gadgets.Make("", 8)));
        foreach (var (type, revision) in ((string, string)[])[("ADDED", "5"), ("MODIFIED", "6"), ("DELETED", "7"), ("BOOKMARK", "8")])
        {
            var read = await Gadgets.ReadEventAsync(frames);
            Assert.Equal((type, "Gadget", revision), (read!.Value.Type, read.Value.Object.GetString("kind"), read.Value.Object.GetString("metadata.resourceVersion")));
        }

        server.Pipeline.Watch.End(new ApiException(StatusReason.Expired, "too old resource version"));
        var error = await Gadgets.ReadEventAsync(frames);
        Assert.Equal(("ERROR", "Status", "Expired", 410L), (error!.Value.Type, error.Value.Object.GetString("kind"), error.Value.Object.GetString("reason"), error.Value.Object.GetInt64("code")));
        Assert.Null(await Gadgets.ReadEventAsync(frames));
    }

    [Fact]
    public async Task A_watch_of_metadata_is_frames_too()
    {
        await using var server = await StartAsync();
        await using var frames = await OpenAsync(server, All + "?watch=true", Protobuf + Metadata);
        server.Pipeline.Watch.Send(new WatchEvent(WatchEventType.Added, Gadgets.Make("a", 5)));
        var read = await Gadgets.ReadEventAsync(frames);
        Assert.Equal(("ADDED", "PartialObjectMetadata", "a"), (read!.Value.Type, read.Value.Object.GetString("kind"), read.Value.Object.GetString("metadata.name")));
        server.Pipeline.Watch.End();
    }

    [Fact]
    public async Task Whatever_is_sent_is_answered_with_a_status_of_the_client()
    {
        await using var server = await StartAsync();
        server.Pipeline.Written = new WriteResult { Object = Gadgets.Make("a", 8), Created = true };
        var random = new Random(20261129);
        var sound = Gadgets.Encode("Gadget", Gadgets.Definition.Schema, """{"metadata":{"name":"a","annotations":{"b":"c"}},"spec":{"color":"red"}}""");
        for (var round = 0; round < 300; round++)
        {
            var body = sound.ToArray();
            body[random.Next(4, body.Length)] = (byte)random.Next(256);
            Assert.True((await Gadgets.SendAsync(server, "POST", All, Protobuf, body)).Code is 201 or 400);
        }
    }

    private static Task<TestServer> StartAsync() => StartAsync(Widgets.Definition, Gadgets.Definition);

    private static async Task<TestServer> StartAsync(params ResourceDefinition[] kinds)
    {
        var server = await TestServer.StartAsync();
        server.Registry.Set(kinds);
        return server;
    }

    private static async Task<Stream> OpenAsync(TestServer server, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestServer.Cancel);
        Assert.Equal(MediaTypeHeaderValue.Parse(Protobuf + ";stream=watch"), response.Content.Headers.ContentType);
        return await response.Content.ReadAsStreamAsync(TestServer.Cancel);
    }

    private static JsonObject Sorted(JsonObject obj) => new(obj.OrderBy(m => m.Key, StringComparer.Ordinal)
        .Select(m => KeyValuePair.Create(m.Key, m.Value is JsonObject inner ? Sorted(inner) : m.Value?.DeepClone())));
}
