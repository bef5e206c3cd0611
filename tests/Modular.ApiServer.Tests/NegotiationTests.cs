using System.Text.Json.Nodes;

namespace Modular.ApiServer.Tests;

public sealed class NegotiationTests
{
    private const string One = "/apis/example.com/v1/namespaces/default/widgets/a";
    private const string All = "/apis/example.com/v1/widgets";
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";

    [Theory]
    [InlineData(null, "application/json", "Widget")]
    [InlineData("*/*", "application/json", "Widget")]
    [InlineData("application/*", "application/json", "Widget")]
    [InlineData("application/json;charset=utf-8", "application/json", "Widget")]
    [InlineData("application/vnd.kubernetes.protobuf, */*", "application/json", "Widget")]
    [InlineData("application/vnd.kubernetes.protobuf,application/json", "application/json", "Widget")]
    [InlineData("application/json;q=0.5,application/yaml", "application/yaml", null)]
    [InlineData("application/yaml;q=0,application/json", "application/json", "Widget")]
    [InlineData(Table, "application/json", "Table")]
    [InlineData("application/json;as=Table;v=v9;g=meta.k8s.io,application/json", "application/json", "Widget")]
    [InlineData("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", "application/json", "Table")]
    [InlineData("application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "application/json", "PartialObjectMetadata")]
    [InlineData("application/json;profile=nopeer,application/json", "application/json", "Widget")]
    public async Task The_first_understood_clause_of_the_best_rating_wins(string? accept, string contentType, string? kind)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("GET", One, accept: accept);
        Assert.Equal(200, answer.Code);
        Assert.Equal(contentType, answer.ContentType);
        if (kind is not null)
        {
            Assert.Equal(kind, answer["kind"]);
        }
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/vnd.kubernetes.protobuf")]
    [InlineData("application/json;as=Chart;v=v1;g=meta.k8s.io")]
    [InlineData("application/json;q=0")]
    public async Task Nothing_understood_is_not_acceptable(string accept)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("GET", One, accept: accept);
        Assert.Equal(406, answer.Code);
        Assert.Equal("NotAcceptable", answer["reason"]);
        Assert.Null(server.Pipeline.Request);
    }

    [Fact]
    public async Task A_table_has_the_kinds_columns_between_name_and_age()
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.List = new ListResult { Items = [Widgets.Make("a", 5, 3), Widgets.Make("b", 6)], Revision = 9, Continue = "next", RemainingItemCount = 4 };
        var answer = await server.SendAsync("GET", All, accept: Table);
        Assert.Equal("meta.k8s.io/v1", answer["apiVersion"]);
        Assert.Equal("9", answer["metadata.resourceVersion"]);
        Assert.Equal("next", answer["metadata.continue"]);
        Assert.Equal("4", answer["metadata.remainingItemCount"]);
        Assert.Equal(["Name", "Size", "Color", "Age"], answer.Json["columnDefinitions"]!.AsArray().Select(c => c!["name"]!.GetValue<string>()));
        Assert.Equal([0, 0, 1, 0], answer.Json["columnDefinitions"]!.AsArray().Select(c => c!["priority"]!.GetValue<int>()));
        var row = answer.Json["rows"]![0]!.AsObject();
        Assert.Equal("""["a",3,"blåå","5m"]""", row["cells"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("PartialObjectMetadata", row.GetString("object.kind"));
        Assert.Equal("5", row.GetString("object.metadata.resourceVersion"));
        Assert.Null(row.Get("object.spec"));
        Assert.Equal(2, answer.Json["rows"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("Object", "Widget")]
    [InlineData("Metadata", "PartialObjectMetadata")]
    [InlineData("None", null)]
    public async Task Rows_carry_what_includeObject_says(string includeObject, string? kind)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("GET", $"{One}?includeObject={includeObject}", accept: Table);
        Assert.Equal(kind, (answer.Json["rows"]![0]!["object"] as JsonObject)?.GetString("kind"));
    }

    [Fact]
    public async Task Metadata_lists_hold_no_specs()
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.List = new ListResult { Items = [Widgets.Make("a", 5), Widgets.Make("b", 6)], Revision = 9 };
        var answer = await server.SendAsync("GET", All, accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
        Assert.Equal(("PartialObjectMetadataList", "meta.k8s.io/v1"), (answer["kind"], answer["apiVersion"]));
        Assert.Equal(["a", "b"], answer.Json["items"]!.AsArray().Select(i => i!.AsObject().GetString("metadata.name")!));
        Assert.DoesNotContain("spec", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_is_its_objects_own_bytes()
    {
        await using var server = await TestServer.StartAsync();
        server.Pipeline.List = new ListResult { Items = [.. Enumerable.Range(0, 2000).Select(i => Widgets.Make($"w{i}", i + 1))], Revision = 5000 };
        var answer = await server.SendAsync("GET", All);
        Assert.Equal(("WidgetList", "example.com/v1", "5000"), (answer["kind"], answer["apiVersion"], answer["metadata.resourceVersion"]));
        var items = answer.Json["items"]!.AsArray();
        Assert.Equal(2000, items.Count);
        Assert.Equal("w1999", items[1999]!.AsObject().GetString("metadata.name"));
        Assert.Equal("2000", items[1999]!.AsObject().GetString("metadata.resourceVersion"));
    }

    [Fact]
    public async Task Yaml_and_pretty_json_say_the_same()
    {
        await using var server = await TestServer.StartAsync();
        var pretty = await server.SendAsync("GET", One + "?pretty=true");
        Assert.Contains("\n  \"spec\": {\n", pretty.Text, StringComparison.Ordinal);
        var yaml = await server.SendAsync("GET", One, accept: "application/yaml");
        Assert.Contains("\nspec:\n  size: 1\n  color: blåå\n", yaml.Text, StringComparison.Ordinal);
        Assert.Contains("resourceVersion: \"7\"", yaml.Text, StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(pretty.Json, YamlDecoder.Decode(System.Text.Encoding.UTF8.GetBytes(yaml.Text), out _)));
    }
}
