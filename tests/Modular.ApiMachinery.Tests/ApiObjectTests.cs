using System.Text;

namespace Modular.ApiMachinery.Tests;

public sealed class ApiObjectTests
{
    private static readonly GroupVersionKind Pod = new("", "v1", "Pod");

    [Fact]
    public void EncodesCanonically()
    {
        var obj = SchemaFixture.Parse("""{"spec":{"x":1},"metadata":{"resourceVersion":"5","name":"<ü>"},"kind":"Pod","apiVersion":"v1"}""");

        Assert.Equal(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"<ü>"},"spec":{"x":1}}""",
            Encoding.UTF8.GetString(ObjectEncoding.Encode(obj)));
    }

    [Theory]
    [InlineData("""{"kind":"Pod","metadata":{}}""")]
    [InlineData("""{"apiVersion":"v1","metadata":{}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"Pod"}""")]
    public void RefusesToEncodeWithoutEnvelope(string json) => Assert.Throws<ArgumentException>(() => ObjectEncoding.Encode(SchemaFixture.Parse(json)));

    [Theory]
    [InlineData("""{"apiVersion":"v1","kind":"Pod","metadata":{}}""", """{"apiVersion":"v1","kind":"Pod","metadata":{"resourceVersion":"42"}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{}}""",
        """{"apiVersion":"v1","kind":"Pod","metadata":{"resourceVersion":"42","name":"a"},"spec":{}}""")]
    public void PutsTheRevisionIn(string body, string expected)
    {
        var obj = new ApiObject(Pod, Encoding.UTF8.GetBytes(body), revision: 0);

        Assert.Equal(body, Encoding.UTF8.GetString(obj.ToJson()));
        Assert.Equal(expected, Encoding.UTF8.GetString(obj.At(42).ToJson()));
        Assert.Equal(expected, obj.At(42).ToJsonObject().ToJsonString());
    }

    [Fact]
    public void ReadsMetadata()
    {
        var body = ObjectEncoding.Encode(SchemaFixture.Parse("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"default","uid":"u","generation":3,
              "creationTimestamp":"2026-11-23T08:00:00Z","deletionTimestamp":"2026-11-23T09:00:00Z","deletionGracePeriodSeconds":30,
              "labels":{"app":"web"},"annotations":{"note":"x"},"finalizers":["a/b"],"managedFields":[{"x":[1]}],
              "ownerReferences":[{"apiVersion":"v1","kind":"A","name":"a","uid":"1"},
                                 {"apiVersion":"v1","kind":"B","name":"b","uid":"2","controller":true,"blockOwnerDeletion":true}]},
             "spec":{}}
            """));

        var meta = new ApiObject(Pod, body, 7).Metadata;

        Assert.Equal(("web-1", "default", "u", 3L), (meta.Name, meta.Namespace, meta.Uid, meta.Generation));
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero), meta.CreationTimestamp);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero), meta.DeletionTimestamp);
        Assert.Equal(30, meta.DeletionGracePeriodSeconds);
        Assert.Equal("web", meta.Labels["app"]);
        Assert.Equal("x", meta.Annotations["note"]);
        Assert.Equal(["a/b"], meta.Finalizers);
        Assert.Equal(2, meta.OwnerReferences.Count);
        Assert.Equal(new OwnerReference("v1", "B", "b", "2") { IsController = true, BlockOwnerDeletion = true }, meta.Controller);
    }

    [Fact]
    public void DeepObjectsCanBeReadBack()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200);
        var body = ObjectEncoding.Encode(SchemaFixture.Parse($$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{{deep}} }"""));

        var obj = new ApiObject(Pod, body, 1);

        Assert.Equal("x", obj.Metadata.Name);
        Assert.NotNull(obj.ToJsonObject()["spec"]);
    }

    [Theory]
    [InlineData("v1", "", "v1")]
    [InlineData("apps/v1", "apps", "v1")]
    public void SplitsApiVersions(string apiVersion, string group, string version)
    {
        var kind = GroupVersionKind.From(apiVersion, "K");

        Assert.Equal(new GroupVersionKind(group, version, "K"), kind);
        Assert.Equal(apiVersion, kind.ApiVersion);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(40)]
    public void ReadsAnyNumberOfLabels(int count)
    {
        var labels = Enumerable.Range(0, count).ToDictionary(static i => $"label-{i}", static i => $"value-{i}");
        var body = $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{{{System.Text.Json.JsonSerializer.Serialize(labels)}}},"uid":"u"}}""";

        var meta = new ApiObject(Pod, Encoding.UTF8.GetBytes(body), 1).Metadata;

        Assert.Equal("u", meta.Uid);
        Assert.Equal(count, meta.Labels.Count);
        Assert.All(labels, label => Assert.Equal(label.Value, meta.Labels[label.Key]));
        Assert.False(meta.Labels.ContainsKey("label"));
        Assert.Equal(labels.Keys.Order(), meta.Labels.Keys.Order());
        Assert.Equal(labels.Values.Order(), meta.Labels.Values.Order());
    }
}
