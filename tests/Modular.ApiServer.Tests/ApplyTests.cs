using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiServer.Tests;

/// <summary>Server-side apply over HTTP, and what clients are told when it fails.</summary>
public sealed class ApplyTests : IAsyncLifetime
{
    private const string One = "/apis/example.com/v1/namespaces/default/widgets/a";
    private const string Apply = "application/apply-patch+yaml";

    private const string Small = """
        apiVersion: example.com/v1
        kind: Widget
        metadata: {name: a}
        spec: {size: 1}
        """;

    private KernelServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await KernelServer.StartAsync(Widgets.Namespaces, Widgets.Definition);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Yaml_is_applied_created_with_201_and_owned()
    {
        var (code, made, _) = await SendAsync("?fieldManager=ann", Small);
        Assert.Equal(201, code);
        var entry = made["metadata"]!["managedFields"]![0]!;
        Assert.Equal(("ann", "Apply", "example.com/v1", "FieldsV1", """{"f:spec":{"f:size":{}}}"""),
            ((string)entry["manager"]!, (string)entry["operation"]!, (string)entry["apiVersion"]!, (string)entry["fieldsType"]!, entry["fieldsV1"]!.ToJsonString()));
        Assert.Equal(200, (await SendAsync("?fieldManager=ann", Small)).Code);
    }

    [Fact]
    public async Task Json_is_yaml_too()
    {
        Assert.Equal(201, (await SendAsync("?fieldManager=ann", """{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"size":1}}""")).Code);
        Assert.Equal(200, (await SendAsync("?fieldManager=ann", "{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}, spec: {size: 2}}")).Code);
    }

    [Fact]
    public async Task A_conflict_names_owner_and_field()
    {
        await SendAsync("?fieldManager=ann", Small);
        var (code, status, _) = await SendAsync("?fieldManager=bob", Small.Replace("size: 1", "size: 2", StringComparison.Ordinal));
        Assert.Equal((409, "Conflict"), (code, (string)status["reason"]!));
        Assert.Equal("""Apply failed with 1 conflict: conflict with "ann": .spec.size""", (string)status["message"]!);
        Assert.Equal(
            """[{"reason":"FieldManagerConflict","message":"conflict with \u0022ann\u0022","field":".spec.size"}]""", status["details"]!["causes"]!.ToJsonString());
        Assert.Equal(200, (await SendAsync("?fieldManager=bob&force=true", Small.Replace("size: 1", "size: 2", StringComparison.Ordinal))).Code);
    }

    [Fact]
    public async Task Fields_that_nobody_declared_are_refused()
    {
        var (code, status, _) = await SendAsync("?fieldManager=ann", Small.Replace("size: 1", "size: 1, foo: 2", StringComparison.Ordinal));
        Assert.Equal((400, "BadRequest"), (code, (string)status["reason"]!));
        Assert.Equal("failed to create typed patch object (default/a; example.com/v1, Kind=Widget): .spec.foo: field not declared in schema", (string)status["message"]!);
    }

    [Fact]
    public async Task Keys_that_stand_twice_are_told_with_their_lines()
    {
        const string Twice = """
            apiVersion: example.com/v1
            kind: Widget
            metadata:
              name: a
            spec:
              size: 1
              size: 2
            """;
        var (code, status, _) = await SendAsync("?fieldManager=ann&fieldValidation=Strict", Twice);
        Assert.Equal(400, code);
        Assert.EndsWith("line 7: key \"size\" already set in map", (string)status["message"]!, StringComparison.Ordinal);
        var (made, _, headers) = await SendAsync("?fieldManager=ann", Twice);
        Assert.Equal(201, made);
        Assert.Contains("line 7: key \\\"size\\\" already set in map", headers.GetValues("Warning").Single(), StringComparison.Ordinal);
        var (_, json, _) = await SendAsync("?fieldManager=ann&fieldValidation=Strict", """{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"size":1,"size":2}}""");
        Assert.EndsWith("line 1: key \"size\" already set in map", (string)json["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", Apply, 422, "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")]
    [InlineData("?force=true", "application/merge-patch+json", 422, "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch")]
    [InlineData("?fieldManager=a%0Ab", Apply, 422, "invalid character U+000A (at position 1)")]
    [InlineData("?fieldManager=a%0Ab", "application/merge-patch+json", 422, "invalid character U+000A (at position 1)")]
    [InlineData("?fieldManager=ann", "application/apply-patch+cbor", 415, "application/apply-patch+yaml")]
    public async Task Wrong_options_are_refused(string query, string type, int code, string message)
    {
        var answer = await SendAsync(query, "{}", type);
        Assert.Equal(code, answer.Code);
        Assert.Contains(message, (string)answer.Body["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_of_more_than_128_bytes_is_refused()
    {
        var answer = await SendAsync("?fieldManager=" + new string('x', 129), Small);
        Assert.Equal((422, "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than 128 bytes"), (answer.Code, (string)answer.Body["message"]!));
    }

    [Fact]
    public async Task What_is_no_yaml_is_refused()
    {
        var answer = await SendAsync("?fieldManager=ann", "{a: [}");
        Assert.Equal(400, answer.Code);
        Assert.StartsWith("yaml: line 1", (string)answer.Body["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kubectl/v1.36.0 (linux/amd64) kubernetes/abc", "kubectl")]
    [InlineData("tool", "tool")]
    [InlineData("a b/1", "a b")]
    public async Task Who_gives_no_name_has_that_of_his_program(string agent, string manager)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/apis/example.com/v1/namespaces/default/widgets");
        request.Content = new StringContent("""{"metadata":{"name":"a"},"spec":{"size":1}}""", Encoding.UTF8, "application/json");
        Assert.True(request.Headers.TryAddWithoutValidation("User-Agent", agent));
        using var response = await _server.Client.SendAsync(request, Token);
        var made = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!;
        Assert.Equal(manager, (string)made["metadata"]!["managedFields"]![0]!["manager"]!);
    }

    [Fact]
    public void Names_of_programs_are_cut_to_what_can_be_printed()
    {
        Assert.Equal("ab", FieldOwnerName.Of("a\u0001b\u200b/1"));
        Assert.Equal(new string('x', 128), FieldOwnerName.Of(new string('x', 200)));
        Assert.Equal(new string('ä', 64), FieldOwnerName.Of(new string('ä', 100)));
        Assert.Equal("", FieldOwnerName.Of(""));
    }

    [Fact]
    public async Task The_document_lists_the_type()
    {
        var document = JsonNode.Parse(await _server.Client.GetStringAsync("/openapi/v3/apis/example.com/v1", Token))!;
        var patch = document["paths"]!["/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"]!["patch"]!;
        Assert.True(patch["requestBody"]!["content"]!.AsObject().ContainsKey(Apply));
        Assert.Contains(patch["parameters"]!.AsArray(), parameter => (string)parameter!["name"]! == "force");
    }

    private async Task<(int Code, JsonNode Body, HttpResponseHeaders Headers)> SendAsync(string query, string body, string type = Apply)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, One + query);
        request.Content = new StringContent(body, Encoding.UTF8);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var response = await _server.Client.SendAsync(request, Token);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!, response.Headers);
    }
}
