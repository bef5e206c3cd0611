namespace Modular.ApiMachinery.Tests;

/// <summary>Which fields an object states, and which of them a change gains and loses.</summary>
public sealed class FieldOwnershipTests
{
    [Theory]
    [InlineData("""{"metadata":{"labels":{"a":"b"}}}""", """{"f:metadata":{"f:labels":{"f:a":{}}}}""")]
    [InlineData("""{"metadata":{"labels":{}}}""", """{"f:metadata":{"f:labels":{}}}""")]
    [InlineData("""{"metadata":{"finalizers":["b","a"]}}""", """{"f:metadata":{"f:finalizers":{"v:\"a\"":{},"v:\"b\"":{}}}}""")]
    [InlineData("""{"spec":{"replicas":null}}""", """{"f:spec":{"f:replicas":{}}}""")]
    [InlineData("""{"spec":{"matcher":{"labels":{"a":"b"}}}}""", """{"f:spec":{"f:matcher":{}}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","args":["x"],"ports":[{"containerPort":80},{"containerPort":80,"protocol":"UDP"}]}]}}""",
        """{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:args":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}},"k:{\"containerPort\":80,\"protocol\":\"UDP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}}}}}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","env":[{"name":"x","value":"1"},{"name":"x","value":"2"}]}]}}""",
        """{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:env":{"k:{\"name\":\"x\"}":{}},"f:name":{}}}}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","free":{"x":{"y":[1]}},"any":[1],"limits":{"cpu":"1"}}]}}""",
        """{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:any":{},"f:free":{"f:x":{".":{},"f:y":{}}},"f:limits":{"f:cpu":{}},"f:name":{}}}}}""")]
    public void An_object_states_its_leaves_and_entries(string obj, string fields) =>
        Assert.Equal(fields, FieldSetTests.Write(FieldExtraction.Extract(SchemaFixture.Parse(obj), SchemaFixture.Deployment)));

    [Theory]
    [InlineData("""{"spec":{"replicas":1}}""", """{"spec":{"replicas":1}}""", "{}", "{}")]
    [InlineData("""{"spec":{"replicas":1}}""", """{"spec":{"replicas":2,"paused":true}}""", """{"f:spec":{"f:paused":{},"f:replicas":{}}}""", "{}")]
    [InlineData("""{"spec":{"replicas":1,"paused":true}}""", """{"spec":{"replicas":1}}""", "{}", """{"f:spec":{"f:paused":{}}}""")]
    [InlineData("{}", """{"spec":{"strategy":{"type":"a"}}}""", """{"f:spec":{".":{},"f:strategy":{".":{},"f:type":{}}}}""", "{}")]
    [InlineData("""{"metadata":{"labels":{"a":"b"}}}""", """{"metadata":{"labels":{"a":"b","c":"d"}}}""", """{"f:metadata":{"f:labels":{"f:c":{}}}}""", "{}")]
    [InlineData("""{"metadata":{"labels":{"a":"b"}}}""", """{"metadata":{}}""", "{}", """{"f:metadata":{"f:labels":{".":{},"f:a":{}}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"b"}}}""", """{"metadata":{"labels":{}}}""", "{}", """{"f:metadata":{"f:labels":{"f:a":{}}}}""")]
    [InlineData("""{"metadata":{}}""", """{"metadata":{"labels":{}}}""", """{"f:metadata":{"f:labels":{}}}""", "{}")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"finalizers":["c","b"]}}""",
        """{"f:metadata":{"f:finalizers":{"v:\"c\"":{}}}}""", """{"f:metadata":{"f:finalizers":{"v:\"a\"":{}}}}""")]
    [InlineData("""{"spec":{"matcher":{"labels":{"a":"b"}}}}""", """{"spec":{"matcher":{"labels":{"a":"c"}}}}""", """{"f:spec":{"f:matcher":{}}}""", "{}")]
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b"}]}}""", """{"spec":{"containers":[{"name":"b"},{"name":"a","image":"2"}]}}""",
        """{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{"f:image":{}}}}}""", "{}")]
    [InlineData("""{"spec":{"containers":[{"name":"a"}]}}""", """{"spec":{"containers":[{"name":"b"}]}}""",
        """{"f:spec":{"f:containers":{"k:{\"name\":\"b\"}":{".":{},"f:name":{}}}}}""", """{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:name":{}}}}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","env":[{"name":"x","value":"1"}]}]}}""",
        """{"spec":{"containers":[{"name":"a","env":[{"name":"x","value":"1"},{"name":"x","value":"2"}]}]}}""",
        """{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{"f:env":{"k:{\"name\":\"x\"}":{}}}}}}""",
        """{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{"f:env":{"k:{\"name\":\"x\"}":{".":{},"f:name":{},"f:value":{}}}}}}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","any":1}]}}""", """{"spec":{"containers":[{"name":"a","any":{"x":1}}]}}""",
        """{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{"f:any":{".":{},"f:x":{}}}}}}""", "{}")]
    public void A_change_gains_and_loses_fields(string old, string now, string gained, string lost)
    {
        var change = FieldComparison.Of(SchemaFixture.Parse(old), SchemaFixture.Parse(now), SchemaFixture.Deployment, FieldScope.Whole);
        Assert.Equal(gained, FieldSetTests.Write(change.Gained));
        Assert.Equal(lost, FieldSetTests.Write(change.Lost));
        Assert.Equal(gained == "{}" && lost == "{}", change.IsEmpty);
    }

    [Theory]
    [InlineData(FieldScope.Whole, """{"f:metadata":{"f:finalizers":{".":{},"v:\"f\"":{}},"f:labels":{".":{},"f:a":{}}},"f:spec":{".":{},"f:replicas":{}},"f:status":{".":{},"f:replicas":{}}}""")]
    [InlineData(FieldScope.AllButStatus, """{"f:metadata":{"f:finalizers":{".":{},"v:\"f\"":{}},"f:labels":{".":{},"f:a":{}}},"f:spec":{".":{},"f:replicas":{}}}""")]
    [InlineData(FieldScope.Status, """{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:status":{".":{},"f:replicas":{}}}""")]
    public void Nobody_owns_identity_and_nobody_what_he_does_not_write(FieldScope scope, string gained)
    {
        var obj = SchemaFixture.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"1","generation":1,
             "creationTimestamp":"2026-01-01T00:00:00Z","labels":{"a":"b"},"finalizers":["f"]},"spec":{"replicas":1},"status":{"replicas":1}}
            """);
        Assert.Equal(gained, FieldSetTests.Write(FieldComparison.OfNew(obj, SchemaFixture.Deployment, scope).Gained));
    }

    [Fact]
    public void Nobody_owns_what_every_new_object_has()
    {
        var schema = SchemaFixture.Object("", new()
        {
            ["spec"] = new()
            {
                Type = SchemaType.Object,
                Default = new System.Text.Json.Nodes.JsonObject(),
                Required = ["list"],
                Properties = new() { ["list"] = new() { Type = SchemaType.Array, ListKind = ListKind.Set, Items = SchemaFixture.Text }, ["map"] = SchemaFixture.TextMap },
            },
        });
        var change = FieldComparison.OfNew(SchemaFixture.Parse("""{"spec":{"list":["a"],"map":{"b":"c"}}}"""), schema, FieldScope.Whole);
        Assert.Equal("""{"f:spec":{"f:list":{"v:\"a\"":{}},"f:map":{".":{},"f:b":{}}}}""", FieldSetTests.Write(change.Gained));
    }
}
