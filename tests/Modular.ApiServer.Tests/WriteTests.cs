using System.Net;
using System.Text;

namespace Modular.ApiServer.Tests;

public sealed class WriteTests
{
    private const string All = "/apis/example.com/v1/namespaces/default/widgets";
    private const string One = All + "/a";

    [Fact]
    public async Task Create_answers_201_and_shows_warnings()
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.Written = new WriteResult { Object = Widgets.Make("a", 7), Created = true, Warnings = ["unknown field \"spec.x\""] };
        var answer = await server.SendAsync("POST", All + "?fieldManager=me&fieldValidation=Strict&dryRun=All", """{"kind":"Widget","spec":{"size":1,"size":2}}""");
        Assert.Equal(201, answer.Code);
        Assert.Equal("7", answer["metadata.resourceVersion"]);
        Assert.Equal(["299 - \"unknown field \\\"spec.x\\\"\""], answer.Headers.GetValues("Warning"));
        Assert.Equal(new WriteOptions { DryRun = true, FieldManager = "me", FieldValidation = "Strict" }, server.Pipeline.WriteOptions);
        Assert.Equal(["spec.size"], server.Pipeline.Body!.Duplicates);
    }

    [Theory]
    [InlineData(true, 201)]
    [InlineData(false, 200)]
    public async Task Update_answers_by_what_it_did(bool created, int code)
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.Written = new WriteResult { Object = Widgets.Make("a", 7), Created = created };
        Assert.Equal(code, (await server.SendAsync("PUT", One, "{}")).Code);
    }

    [Fact]
    public async Task An_action_without_an_object_is_a_success_status()
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.Written = new WriteResult { Created = true };
        var answer = await server.SendAsync("POST", One + "/binding", "{}");
        Assert.Equal((201, "Status", "Success"), (answer.Code, answer["kind"], answer["status"]));
        Assert.Equal(("create", "binding"), (server.Pipeline.Request!.Verb, server.Pipeline.Request.Subresource));
    }

    [Theory]
    [InlineData("application/json-patch+json", "[]", PatchType.Json)]
    [InlineData("application/merge-patch+json", "{}", PatchType.Merge)]
    [InlineData("application/strategic-merge-patch+json; charset=utf-8", "{}", PatchType.Strategic)]
    public async Task Patch_types_are_told_apart(string contentType, string body, PatchType type)
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.Written = new WriteResult { Object = Widgets.Make("a", 7) };
        Assert.Equal(200, (await server.SendAsync("PATCH", One, body, contentType)).Code);
        Assert.Equal(type, server.Pipeline.PatchType);
    }

    [Theory]
    [InlineData("POST", All, "application/vnd.kubernetes.protobuf")]
    [InlineData("POST", All, "text/plain")]
    [InlineData("PATCH", One, "application/json")]
    [InlineData("PATCH", One, "application/apply-patch+cbor")]
    [InlineData("DELETE", One, "text/plain")]
    public async Task Other_body_types_are_unsupported(string method, string path, string contentType)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync(method, path, "{}", contentType);
        Assert.Equal((415, "UnsupportedMediaType"), (answer.Code, answer["reason"]));
        Assert.Null(server.Pipeline.Request);
    }

    [Theory]
    [InlineData("dryRun=Some", "dryRun: Unsupported value: \"Some\"")]
    [InlineData("fieldValidation=Harsh", "fieldValidation: Unsupported value: \"Harsh\"")]
    public async Task Wrong_options_are_invalid(string query, string message)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("POST", $"{All}?{query}", "{}");
        Assert.Equal((422, "Invalid"), (answer.Code, answer["reason"]));
        Assert.Contains(message, answer["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("null")]
    public async Task Broken_json_is_a_bad_request(string body)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("POST", All, body);
        Assert.Equal((400, "BadRequest"), (answer.Code, answer["reason"]));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_too_large()
    {
        await using var server = await TestServer.StartAsync();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes($"\"{new string('x', 3 * 1024 * 1024)}\""));
        content.Headers.Add("Content-Type", "application/json");
        using var response = await server.Client.PostAsync(All, content, TestServer.Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("RequestEntityTooLarge", await response.Content.ReadAsStringAsync(TestServer.Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_gone_is_answered_with_its_uid()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("DELETE", One + "?gracePeriodSeconds=0&propagationPolicy=Foreground");
        Assert.Equal((200, "Success", "a", "widgets", "example.com", "uid-a"), (answer.Code, answer["status"], answer["details.name"],
            answer["details.kind"], answer["details.group"], answer["details.uid"]));
        Assert.Equal(new DeleteOptions { GracePeriodSeconds = 0, PropagationPolicy = "Foreground" }, server.Pipeline.DeleteOptions);
    }

    [Fact]
    public async Task What_is_gone_is_answered_itself_where_clients_of_its_kind_read_that()
    {
        await using var server = await TestServer.StartAsync();
        server.Registry.Set(Widgets.Definition with { ReturnsDeletedObject = true });
        var answer = await server.SendAsync("DELETE", One);
        Assert.Equal((200, "Widget", "a"), (answer.Code, answer["kind"], answer["metadata.name"]));
        var operations = (await server.SendAsync("GET", "/openapi/v2")).Json["paths"]!["/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"]!;
        Assert.Equal("#/definitions/com.example.v1.Widget", (string?)operations["delete"]!["responses"]!["200"]!["schema"]!["$ref"]);
    }

    [Fact]
    public async Task What_goes_gracefully_is_answered_itself_and_the_body_outranks_the_query()
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.Deleted = new DeleteResult(Widgets.Make("a", 9), Gone: false);
        var answer = await server.SendAsync("DELETE", One + "?gracePeriodSeconds=1", """
            {"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":30,"preconditions":{"uid":"u","resourceVersion":"4"},"dryRun":["All"]}
            """);
        Assert.Equal((200, "Widget"), (answer.Code, answer["kind"]));
        Assert.Equal(new DeleteOptions { GracePeriodSeconds = 30, Uid = "u", ResourceVersion = "4" }, server.Pipeline.DeleteOptions);
        Assert.True(server.Pipeline.DeleteDryRun);
    }

    [Theory]
    [InlineData("""{"kind":"DeleteOptions","propagationPolicy":"Sideways"}""", 422, "propagationPolicy")]
    [InlineData("""{"propagationPolicy":""}""", 422, "propagationPolicy")]
    [InlineData("""{"kind":"DeleteOptions","propagationPolicy":"Orphan","orphanDependents":true}""", 422, "propagationPolicy")]
    [InlineData("""{"dryRun":["All","Some"]}""", 422, "dryRun")]
    [InlineData("""{"dryRun":[""]}""", 422, "dryRun")]
    [InlineData("""{"kind":"Widget"}""", 400, "Widget")]
    [InlineData("""{"kind":5}""", 400, "kind")]
    [InlineData("""{"apiVersion":[]}""", 400, "apiVersion")]
    [InlineData("[]", 400, "DeleteOptions")]
    [InlineData("""{"gracePeriodSeconds":"x"}""", 400, "cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64")]
    [InlineData("""{"gracePeriodSeconds":1.5}""", 400, "DeleteOptions.gracePeriodSeconds")]
    [InlineData("""{"gracePeriodSeconds":1e30}""", 400, "DeleteOptions.gracePeriodSeconds")]
    [InlineData("""{"gracePeriodSeconds":-1}""", 422, "gracePeriodSeconds")]
    [InlineData("""{"preconditions":5}""", 400, "preconditions")]
    [InlineData("""{"preconditions":{"uid":5}}""", 400, "preconditions.uid")]
    [InlineData("""{"propagationPolicy":{}}""", 400, "propagationPolicy")]
    [InlineData("""{"orphanDependents":"true"}""", 400, "orphanDependents")]
    [InlineData("""{"dryRun":"All"}""", 400, "dryRun")]
    [InlineData("""{"dryRun":[1]}""", 400, "dryRun[0]")]
    public async Task Wrong_delete_options_are_refused(string body, int code, string field)
    {
        await using var server = await TestServer.StartAsync();

        foreach (var path in (string[])[One, All])
        {
            var answer = await server.SendAsync("DELETE", path, body);

            Assert.Equal((code, "Status"), (answer.Code, answer["kind"]));
            Assert.Contains(field, answer["message"], StringComparison.Ordinal);
            Assert.Null(server.Pipeline.Request);
        }
    }

    [Fact]
    public async Task Delete_options_may_leave_fields_empty()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("DELETE", One, """{"kind":"","apiVersion":null,"gracePeriodSeconds":null,"preconditions":{},"dryRun":[],"propagationPolicy":null,"other":1}""");
        Assert.Equal(200, answer.Code);
        Assert.Equal(new DeleteOptions(), server.Pipeline.DeleteOptions);
    }

    [Fact]
    public async Task What_nobody_expected_is_an_internal_error_without_details()
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.Failure = new InvalidOperationException("a secret");
        var answer = await server.SendAsync("GET", One);
        Assert.Equal((500, "InternalError"), (answer.Code, answer["reason"]));
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
    }
}
