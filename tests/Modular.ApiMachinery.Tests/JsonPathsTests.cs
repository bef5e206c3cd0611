using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class JsonPathsTests
{
    private const string Json = """{"spec":{"nodeName":"n1","replicas":3,"paused":true,"list":[{"a":1}]},"metadata":{"labels":{"app":"web","n":1}}}""";

    [Fact]
    public void ReadsFields()
    {
        var obj = JsonDecoder.DecodeObject(System.Text.Encoding.UTF8.GetBytes(Json), out _);

        Assert.Equal("n1", obj.GetString("spec.nodeName"));
        Assert.Equal(3, obj.GetInt64("spec.replicas"));
        Assert.True(obj.GetBoolean("spec.paused"));
        Assert.Single(obj.GetArray("spec.list")!);
        Assert.Equal(1, Assert.Single(obj.Objects("spec.list")).GetInt64("a"));
        Assert.Empty(obj.Objects("spec.nodeName"));
        Assert.Equal(new Dictionary<string, string> { ["app"] = "web" }, obj.GetStringMap("metadata.labels"));
        Assert.Null(obj.GetString("spec.replicas"));
        Assert.Null(obj.GetString("spec.absent.deeper"));
        Assert.Null(obj.GetString("spec.nodeName.deeper"));
        Assert.Null(obj.GetInt64("spec.nodeName"));
    }

    [Fact]
    public void ReadsElements()
    {
        using var document = JsonDocument.Parse(Json);
        var obj = document.RootElement;

        Assert.Equal("n1", obj.GetString("spec.nodeName"));
        Assert.Equal(3, obj.GetInt64("spec.replicas"));
        Assert.True(obj.GetBoolean("spec.paused"));
        Assert.Equal(JsonValueKind.Undefined, obj.Get("status.phase").ValueKind);
        Assert.Null(obj.GetString("spec.nodeName.deeper"));
    }

    [Fact]
    public void ReadsNumbersOfAnyOrigin()
    {
        Assert.Equal(5, JsonValue.Create(5).AsInt64());
        Assert.Equal(5, JsonValue.Create(5L).AsInt64());
        Assert.Equal(5, JsonValue.Create((short)5).AsInt64());
        Assert.Equal(5, JsonNode.Parse("5").AsInt64());
        Assert.Null(JsonNode.Parse("5.5").AsInt64());
        Assert.Null(JsonValue.Create("5").AsInt64());
        Assert.Null(((JsonNode?)null).AsInt64());
    }

    [Fact]
    public void WritesFields()
    {
        var obj = new JsonObject();

        obj.Set("spec.template.name", "x");
        obj.Set("kind", "K");
        obj.GetOrAddObject("spec.template")["more"] = 1;

        Assert.Equal("""{"spec":{"template":{"name":"x","more":1}},"kind":"K"}""", obj.ToJsonString());
        Assert.True(obj.RemovePath("spec.template.name"));
        Assert.False(obj.RemovePath("spec.absent.name"));
        Assert.Throws<InvalidOperationException>(() => obj.Set("kind.x", 1));
    }

    [Fact]
    public void TellsWhereANodeStands()
    {
        var obj = (JsonObject)JsonNode.Parse(Json)!;

        Assert.Equal("", JsonPaths.PathOf(obj));
        Assert.Equal("spec.list[0].a", JsonPaths.PathOf(obj["spec"]!["list"]![0]!["a"]!));
    }
}
