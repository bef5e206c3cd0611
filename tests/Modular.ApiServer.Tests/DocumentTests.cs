using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;

namespace Modular.ApiServer.Tests;

public sealed class DocumentTests
{
    [Fact]
    public async Task Plain_discovery_lists_groups_versions_and_resources()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal("""["v1"]""", (await server.SendAsync("GET", "/api"))["versions"]!.Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));
        var group = (await server.SendAsync("GET", "/apis")).Json["groups"]!.AsArray().Single()!.AsObject();
        Assert.Equal(("example.com", "example.com/v1"), (group.GetString("name"), group.GetString("preferredVersion.groupVersion")));
        Assert.Equal("APIGroup", (await server.SendAsync("GET", "/apis/example.com/"))["kind"]);
        var resources = (await server.SendAsync("GET", "/apis/example.com/v1")).Json["resources"]!.AsArray();
        Assert.Equal(["widgets", "widgets/status", "widgets/scale", "widgets/log", "widgets/binding", "widgets/proxy"], resources.Select(r => r!["name"]!.GetValue<string>()));
        Assert.Equal("autoscaling", resources[2]!["group"]!.GetValue<string>());
        Assert.Equal("wi", resources[0]!["shortNames"]![0]!.GetValue<string>());
    }

    [Theory]
    [InlineData("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", "v2")]
    [InlineData("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList;profile=nopeer,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", "v2beta1")]
    public async Task Aggregated_discovery_tells_everything_at_once(string accept, string version)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("GET", "/apis", accept: accept);
        Assert.Equal($"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList", answer.ContentType.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(("APIGroupDiscoveryList", $"apidiscovery.k8s.io/{version}"), (answer["kind"], answer["apiVersion"]));
        var group = answer.Json["items"]!.AsArray().Single()!;
        Assert.Equal(["v1", "v1beta1"], group["versions"]!.AsArray().Select(v => v!["version"]!.GetValue<string>()));
        var widgets = group["versions"]![0]!["resources"]![0]!.AsObject();
        Assert.Equal(("Namespaced", "widget", "Scale"),
            (widgets.GetString("scope"), widgets.GetString("singularResource"), widgets["subresources"]![1]!.AsObject().GetString("responseKind.kind")));
        var core = await server.SendAsync("GET", "/api", accept: accept);
        Assert.Equal("", core.Json["items"]![0]!.AsObject().GetString("metadata.name"));
    }

    [Fact]
    public async Task A_document_the_client_has_is_not_sent_again_until_it_changes()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var path in new[] { "/apis", "/openapi/v2", "/openapi/v3", "/openapi/v3/apis/example.com/v1" })
        {
            var tag = (await server.SendAsync("GET", path)).Headers.ETag!.Tag;
            Assert.Equal((304, ""), ((await server.SendAsync("GET", path, ifNoneMatch: tag)).Code, (await server.SendAsync("GET", path, ifNoneMatch: tag)).Text));
            server.Registry.Set(Widgets.Definition with { ShortNames = ["new"], Resource = Widgets.Definition.Resource with { Resource = "widgets" + tag.Length }, Subresources = [] });
            Assert.Equal(200, (await server.SendAsync("GET", path == "/apis" ? "/apis/example.com/v1" : path, ifNoneMatch: tag)).Code);
            server.Registry.Set(Widgets.Definition, Widgets.Namespaces, Widgets.OldWidgets);
        }
    }

    [Fact]
    public async Task OpenApi_describes_schemas_the_way_clients_merge_by()
    {
        await using var server = await TestServer.StartAsync();
        var index = (await server.SendAsync("GET", "/openapi/v3")).Json["paths"]!.AsObject();
        Assert.Equal(["api/v1", "apis/example.com/v1", "apis/example.com/v1beta1"], index.Select(p => p.Key).Order(StringComparer.Ordinal));
        var url = index["apis/example.com/v1"]!["serverRelativeURL"]!.GetValue<string>();
        var document = (await server.SendAsync("GET", url)).Json;
        var schemas = document["components"]!["schemas"]!.AsObject();
        Assert.Equal("""[{"group":"example.com","kind":"Widget","version":"v1"}]""", schemas["com.example.v1.Widget"]!["x-kubernetes-group-version-kind"]!.ToJsonString());
        var spec = schemas["com.example.v1.WidgetSpec"]!.AsObject();
        Assert.Equal("""["size"]""", spec["required"]!.ToJsonString());
        Assert.Equal("1", spec.Get("properties.size.default")!.ToJsonString());
        Assert.Equal(("name", "merge", "map"), (spec.GetString("properties.parts.x-kubernetes-patch-merge-key"),
            spec.GetString("properties.parts.x-kubernetes-patch-strategy"), spec.GetString("properties.parts.x-kubernetes-list-type")));
        Assert.Equal("""{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity"}""", spec.Get("properties.weight")!.ToJsonString());
        foreach (var reference in References(document))
        {
            Assert.True(schemas.ContainsKey(reference["#/components/schemas/".Length..]), reference);
        }
    }

    [Fact]
    public async Task OpenApi_lists_what_kubectl_looks_for_before_it_uses_a_feature()
    {
        await using var server = await TestServer.StartAsync();
        var paths = (await server.SendAsync("GET", "/openapi/v3/apis/example.com/v1")).Json["paths"]!.AsObject();
        var patch = paths["/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"]!["patch"]!;
        Assert.Equal("Widget", patch["x-kubernetes-group-version-kind"]!["kind"]!.GetValue<string>());
        var parameters = patch["parameters"]!.AsArray().Select(p => p!["name"]!.GetValue<string>()).ToList();
        Assert.Contains("fieldValidation", parameters);
        Assert.Contains("dryRun", parameters);
        Assert.True(patch["requestBody"]!["content"]!.AsObject().ContainsKey("application/strategic-merge-patch+json"));
        Assert.True(paths.ContainsKey("/apis/example.com/v1/widgets"));
        Assert.True(paths.ContainsKey("/apis/example.com/v1/namespaces/{namespace}/widgets/{name}/scale"));
    }

    [Fact]
    public async Task OpenApi_v2_describes_all_kinds_in_one_document()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("GET", "/openapi/v2");
        Assert.Equal((200, "application/json"), (answer.Code, answer.ContentType));
        var definitions = answer.Json["definitions"]!.AsObject();
        Assert.Equal("""[{"group":"","kind":"Namespace","version":"v1"}]""", definitions["io.k8s.api.core.v1.Namespace"]!["x-kubernetes-group-version-kind"]!.ToJsonString());
        var spec = definitions["com.example.v1.WidgetSpec"]!.AsObject();
        Assert.Equal(("map", "name", "merge"), (spec.GetString("properties.parts.x-kubernetes-list-type"),
            spec.GetString("properties.parts.x-kubernetes-patch-merge-key"), spec.GetString("properties.parts.x-kubernetes-patch-strategy")));
        Assert.Equal("""{"type":"string","format":"int-or-string"}""", definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]!.ToJsonString());
        var patch = answer.Json["paths"]!["/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"]!["patch"]!;
        Assert.Contains("application/strategic-merge-patch+json", patch["consumes"]!.AsArray().Select(type => (string?)type));
        Assert.Equal("""{"name":"dryRun","in":"query","description":"All: do everything but store the result.","type":"string","uniqueItems":true}""", patch["parameters"]![0]!.ToJsonString());
        Assert.Equal("#/definitions/com.example.v1.Widget", (string?)patch["responses"]!["200"]!["schema"]!["$ref"]);
        Assert.All(References(answer.Json), reference => Assert.True(definitions.ContainsKey(reference["#/definitions/".Length..]), reference));
        Assert.DoesNotContain("oneOf", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenApi_v2_says_the_same_in_protobuf()
    {
        await using var server = await TestServer.StartAsync();
        server.Registry.Set(Widgets.Definition, Widgets.OldWidgets, Widgets.Namespaces with
        {
            Resource = new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions"),
        });
        var json = (await server.SendAsync("GET", "/openapi/v2")).Json;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v2");
        request.Headers.TryAddWithoutValidation("Accept", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
        using var response = await server.Client.SendAsync(request, TestServer.Cancel);
        Assert.Equal("application/com.github.proto-openapi.spec.v2.v1.0+protobuf", response.Content.Headers.ContentType?.MediaType);
        var document = Gnostic.Document.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync(TestServer.Cancel));
        Assert.Equal(json["definitions"]!.AsObject().Select(definition => definition.Key), document.Definitions.AdditionalProperties.Select(definition => definition.Name));
        Assert.Equal(json["paths"]!.AsObject().Select(path => path.Key), document.Paths.Path.Select(path => path.Name));
        var widget = document.Definitions.AdditionalProperties.Single(definition => definition.Name == "com.example.v1.Widget").Value;
        Assert.Equal(("A widget.", "object"), (widget.Description, Assert.Single(widget.Type.Value)));
        Assert.Equal(
            """[{"group":"example.com","kind":"Widget","version":"v1"},{"group":"example.com","kind":"Widget","version":"v1beta1"}]""",
            Assert.Single(widget.VendorExtension).Value.Yaml);
        Assert.Equal("#/definitions/com.example.v1.WidgetSpec", widget.Properties.AdditionalProperties.Single(property => property.Name == "spec").Value.Ref);
        var create = document.Paths.Path.Single(path => path.Name == "/apis/example.com/v1/namespaces/{namespace}/widgets").Value.Post;
        Assert.Equal("#/definitions/com.example.v1.Widget", create.Parameters.Single(parameter => parameter.Parameter.BodyParameter is not null).Parameter.BodyParameter.Schema.Ref);
        Assert.Equal(304, (await server.SendAsync("GET", "/openapi/v2", accept: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", ifNoneMatch: response.Headers.ETag!.Tag)).Code);
        Assert.Equal(406, (await server.SendAsync("GET", "/openapi/v2", accept: "text/html")).Code);
    }

    [Theory]
    [InlineData("/openapi/v3/apis/example.com/v1", "components.schemas")]
    [InlineData("/openapi/v2", "definitions")]
    public async Task Descriptions_are_read_when_a_document_is_made(string path, string schemas)
    {
        await using var server = await TestServer.StartAsync();
        var descriptions = new FakeDescriptions { ["com.example.v1.WidgetSpec"] = "What is wanted.", ["com.example.v1.Widget.spec"] = "How it should be." };
        server.Registry.Set(Widgets.Definition with { Descriptions = descriptions }, Widgets.Namespaces with { Descriptions = descriptions });
        await server.SendAsync("GET", "/apis");
        Assert.Equal(0, descriptions.Reads);
        descriptions.AreAway = true;
        Assert.Equal((503, "1"), ((await server.SendAsync("GET", path)) is var away ? (away.Code, away.Headers.RetryAfter?.ToString()) : default));
        descriptions.AreAway = false;
        var described = (await server.SendAsync("GET", path)).Json.Get(schemas)!;
        Assert.Equal("What is wanted.", (string?)described["com.example.v1.WidgetSpec"]!["description"]);
        Assert.Equal("How it should be.", (string?)described["com.example.v1.Widget"]!["properties"]!["spec"]!["description"]);
        Assert.Equal("A widget.", (string?)described["com.example.v1.Widget"]!["description"]);
        await server.SendAsync("GET", path);
        Assert.Equal(2, descriptions.Reads);
    }

    [Fact]
    public async Task A_large_document_is_sent_compressed_to_whom_can_read_it()
    {
        await using var server = await TestServer.StartAsync();
        var plain = await server.SendAsync("GET", "/openapi/v2");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v2");
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var response = await server.Client.SendAsync(request, TestServer.Cancel);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        await using var gzip = new GZipStream(await response.Content.ReadAsStreamAsync(TestServer.Cancel), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        Assert.Equal(plain.Text, await reader.ReadToEndAsync(TestServer.Cancel));
    }

    [Fact]
    public async Task The_version_is_in_digits()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SendAsync("GET", "/version");
        Assert.Equal(("1", "36", "v1.36.0+modular.0.1.0"), (answer["major"], answer["minor"], answer["gitVersion"]));
    }

    [Fact]
    public async Task Health_is_the_sum_of_its_checks()
    {
        string? problem = "still reading";
        await using var server = await TestServer.StartAsync(parts => parts with
        {
            HealthChecks = [new HealthCheck("store", _ => new ValueTask<string?>(problem))],
        });
        var answer = await server.SendAsync("GET", "/readyz");
        Assert.Equal((500, "[+]ping ok\n[-]store failed: still reading\nreadyz check failed\n"), (answer.Code, answer.Text));
        Assert.Equal((200, "ok"), ((await server.SendAsync("GET", "/livez")).Code, (await server.SendAsync("GET", "/livez")).Text));
        Assert.Equal(500, (await server.SendAsync("GET", "/readyz/store")).Code);
        problem = null;
        Assert.Equal("[+]ping ok\n[+]store ok\nreadyz check passed\n", (await server.SendAsync("GET", "/readyz?verbose")).Text);
        Assert.Equal(404, (await server.SendAsync("GET", "/readyz/nothing")).Code);
    }

    [Fact]
    public async Task Metrics_count_requests()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync("GET", "/apis/example.com/v1/widgets");
        var metrics = (await server.SendAsync("GET", "/metrics")).Text;
        Assert.Contains("apiserver_request_total{verb=\"LIST\",group=\"example.com\",version=\"v1\",resource=\"widgets\",subresource=\"\",code=\"200\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("process_cpu_seconds_total")]
    [InlineData("process_resident_memory_bytes")]
    [InlineData("dotnet_gc_heap_total_allocated_bytes_total")]
    public async Task Metrics_show_what_the_process_uses(string name)
    {
        await using var server = await TestServer.StartAsync();
        var line = Assert.Single((await server.SendAsync("GET", "/metrics")).Text.Split('\n'), line => line.StartsWith(name + " ", StringComparison.Ordinal));
        Assert.True(double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture) > 0);
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject obj => obj.SelectMany(member => member.Key == "$ref" ? [member.Value!.GetValue<string>()] : References(member.Value)),
        JsonArray array => array.SelectMany(References),
        _ => [],
    };
}
