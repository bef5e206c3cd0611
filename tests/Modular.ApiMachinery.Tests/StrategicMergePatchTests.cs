using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class StrategicMergePatchTests
{
    [Theory]
    // Maps merge, null takes away, scalars are replaced.
    [InlineData("""{"spec":{"replicas":1,"paused":true}}""", """{"spec":{"replicas":2,"paused":null}}""", """{"spec":{"replicas":2}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1","b":"2"}}}""", """{"metadata":{"labels":{"b":null,"c":"3"}}}""", """{"metadata":{"labels":{"a":"1","c":"3"}}}""")]
    [InlineData("""{"spec":{}}""", """{"spec":{"selector":{"a":null,"b":"c"}}}""", """{"spec":{"selector":{"b":"c"}}}""")]
    // Lists with a merge key: known entries merge, new ones come as early as the patch's order lets them.
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}""", """{"spec":{"containers":[{"name":"b","image":"2"}]}}""",
        """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"}]}}""", """{"spec":{"containers":[{"name":"b"}]}}""", """{"spec":{"containers":[{"name":"b"},{"name":"a"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}}""", """{"spec":{"containers":[{"name":"c"},{"name":"a"}]}}""",
        """{"spec":{"containers":[{"name":"b"},{"name":"c"},{"name":"a"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"x"}]}]}}""",
        """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"y"},{"containerPort":81}]}]}}""",
        """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"y"},{"containerPort":81}]}]}}""")]
    // Lists without a strategy are replaced.
    [InlineData("""{"spec":{"containers":[{"name":"a","args":["1","2"]}]}}""", """{"spec":{"containers":[{"name":"a","args":["3"]}]}}""",
        """{"spec":{"containers":[{"name":"a","args":["3"]}]}}""")]
    // Entries are deleted, lists and maps replaced by directive.
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""", """{"spec":{"containers":[{"$patch":"delete","name":"a"}]}}""",
        """{"spec":{"containers":[{"name":"b"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""", """{"spec":{"containers":[{"$patch":"replace"},{"name":"c"}]}}""",
        """{"spec":{"containers":[{"name":"c"}]}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"replace","b":"2"}}}""", """{"metadata":{"labels":{"b":"2"}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"delete"}}}""", """{"metadata":{"labels":{}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"merge","b":"2"}}}""", """{"metadata":{"labels":{"a":"1","b":"2"}}}""")]
    [InlineData("""{"metadata":{"name":"x"}}""", """{"$patch":"replace","metadata":{"name":"y"}}""", """{"metadata":{"name":"y"}}""")]
    // Where there is nothing to merge with, directives vanish.
    [InlineData("""{"spec":{}}""", """{"spec":{"containers":[{"name":"a","image":null},{"$patch":"delete","name":"b"}],"$setElementOrder/containers":[{"name":"a"}]}}""",
        """{"spec":{"containers":[{"name":"a"}]}}""")]
    // Order.
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}}""",
        """{"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"a"}]}}""",
        """{"spec":{"containers":[{"name":"b"},{"name":"c"},{"name":"a"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
        """{"spec":{"$setElementOrder/containers":[{"name":"a"},{"name":"c"},{"name":"b"}],"containers":[{"name":"c","image":"i"}]}}""",
        """{"spec":{"containers":[{"name":"a"},{"name":"c","image":"i"},{"name":"b"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
        """{"spec":{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"$patch":"delete","name":"a"}]}}""",
        """{"spec":{"containers":[{"name":"b"}]}}""")]
    // Lists of scalars that merge are sets.
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"finalizers":["b","c"]}}""", """{"metadata":{"finalizers":["a","b","c"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b","c"]}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["b","x"]}}""",
        """{"metadata":{"finalizers":["a","c"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""",
        """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"$setElementOrder/finalizers":["c","b"],"finalizers":["c"]}}""",
        """{"metadata":{"finalizers":["c","b"]}}""")]
    // A union's other members go.
    [InlineData("""{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""",
        """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""", """{"spec":{"strategy":{"type":"Recreate"}}}""")]
    [InlineData("""{"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}}""",
        """{"spec":{"volumes":[{"name":"v","$retainKeys":["name","emptyDir"],"emptyDir":{}}]}}""", """{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}""")]
    // Other types replace.
    [InlineData("""{"spec":{"containers":"x"}}""", """{"spec":{"containers":[{"name":"a"}]}}""", """{"spec":{"containers":[{"name":"a"}]}}""")]
    [InlineData("""{"unknown":{"a":[1]}}""", """{"unknown":{"a":[2],"b":1}}""", """{"unknown":{"a":[2],"b":1}}""")]
    public void Applies(string document, string patch, string expected)
    {
        var fields = SchemaFixture.Parse(patch);

        Assert.Equal(expected, StrategicMergePatch.Apply(SchemaFixture.Parse(document), fields, SchemaFixture.Deployment).ToJsonString());
        Assert.Equal(SchemaFixture.Parse(patch).ToJsonString(), fields.ToJsonString());
    }

    [Theory]
    [InlineData("""[1]""")]
    [InlineData("""{"spec":{"$patch":"shuffle"}}""")]
    [InlineData("""{"spec":{"$patch":1}}""")]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""")]
    [InlineData("""{"spec":{"containers":["x"]}}""")]
    [InlineData("""{"spec":{"strategy":{"$retainKeys":["rollingUpdate"],"type":"Recreate"}}}""")]
    [InlineData("""{"spec":{"strategy":{"$retainKeys":"type"}}}""")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"b"}]}}""")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"a"},{"name":"b"}],"containers":[{"name":"b"},{"name":"a"}]}}""")]
    public void RefusesWhatCannotBeApplied(string patch)
    {
        var target = SchemaFixture.Parse("""{"spec":{"containers":[{"name":"a"},{"name":"b"}],"strategy":{"type":"RollingUpdate"}}}""");

        var error = Assert.Throws<ApiException>(() => StrategicMergePatch.Apply(target, JsonNode.Parse(patch)!, SchemaFixture.Deployment));

        Assert.Equal(StatusReason.BadRequest, error.Reason);
    }

    [Fact]
    public void WithoutListsAndDirectivesItIsAMergePatch()
    {
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            var (document, patch) = (RandomJson.Make(random, 4), RandomJson.Make(random, 4));

            var strategic = StrategicMergePatch.Apply(document.DeepClone(), patch, schema: null);
            var merged = MergePatch.Apply(document.DeepClone(), patch);

            Assert.Equal(merged.ToJsonString(), strategic.ToJsonString());
        }
    }

    [Fact]
    public void FollowsCyclicSchemas()
    {
        var document = SchemaFixture.Parse("""{"left":{"left":{"name":"a"}}}""");

        var result = StrategicMergePatch.Apply(document, SchemaFixture.Parse("""{"left":{"left":{"size":2}}}"""), SchemaFixture.Tree);

        Assert.Equal("""{"left":{"left":{"name":"a","size":2}}}""", result.ToJsonString());
    }
}
