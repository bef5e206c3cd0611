using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class SchemaDefaulterTests
{
    [Theory]
    [InlineData("""{"spec":{}}""", """{"spec":{"replicas":1,"nullable":"x"}}""")]
    [InlineData("""{}""", """{}""")]
    [InlineData("""{"spec":{"replicas":3,"nullable":"y"}}""", """{"spec":{"replicas":3,"nullable":"y"}}""")]
    [InlineData("""{"spec":{"replicas":null,"nullable":null}}""", """{"spec":{"replicas":1,"nullable":null}}""")]
    [InlineData("""{"spec":{"replicas":1,"nullable":"","strategy":{}}}""", """{"spec":{"replicas":1,"nullable":"","strategy":{"type":"RollingUpdate"}}}""")]
    [InlineData(
        """{"spec":{"replicas":1,"nullable":"","containers":[{"ports":[{"containerPort":1},{"protocol":"UDP"}]}]}}""",
        """{"spec":{"replicas":1,"nullable":"","containers":[{"ports":[{"containerPort":1,"protocol":"TCP"},{"protocol":"UDP"}]}]}}""")]
    public void FillsWhatIsAbsent(string json, string expected)
    {
        var obj = SchemaFixture.Parse(json);

        SchemaDefaulter.Default(obj, SchemaFixture.Deployment);
        Assert.Equal(expected, obj.ToJsonString());

        SchemaDefaulter.Default(obj, SchemaFixture.Deployment);
        Assert.Equal(expected, obj.ToJsonString());
    }

    [Theory]
    [InlineData(SchemaType.String, "\"\"", "\"TCP\"")]
    [InlineData(SchemaType.Integer, "0", "7")]
    [InlineData(SchemaType.Array, "[]", "[\"a\"]")]
    public void ZerosCountAsAbsentWhereProtobufLeavesThemOut(SchemaType type, string zero, string filled)
    {
        Assert.Equal(filled, Fill(new Schema { Type = type, FieldPath = [1], Default = JsonNode.Parse(filled) }));
        Assert.Equal(zero, Fill(new Schema { Type = type, FieldPath = [1], ExplicitPresence = true, Default = JsonNode.Parse(filled) }));
        Assert.Equal(zero, Fill(new Schema { Type = type, Default = JsonNode.Parse(filled) }));
        Assert.Equal(zero, Fill(new Schema { Type = type, FieldPath = [1] }));

        string Fill(Schema field)
        {
            var obj = SchemaFixture.Parse($$"""{"a":{{zero}}}""");
            SchemaDefaulter.Default(obj, new Schema { Type = SchemaType.Object, Properties = { ["a"] = field } });
            return obj["a"]!.ToJsonString();
        }
    }

    [Fact]
    public void FollowsCyclesMapsAndLists()
    {
        var obj = SchemaFixture.Parse("""{"size":2,"left":{},"children":[{"size":3}],"named":{"k":{}}}""");

        SchemaDefaulter.Default(obj, SchemaFixture.Tree);

        Assert.Equal("""{"size":2,"left":{"size":1},"children":[{"size":3}],"named":{"k":{"size":1}}}""", obj.ToJsonString());
    }

    [Fact]
    public void DefaultsBelowADefaultAreFilledToo()
    {
        var schema = SchemaFixture.Object("", new()
        {
            ["outer"] = new()
            {
                Type = SchemaType.Object,
                Default = SchemaFixture.Parse("{}"),
                Properties = new() { ["inner"] = new() { Type = SchemaType.Integer, Default = 5 } },
            },
        });
        var (first, second) = (SchemaFixture.Parse("{}"), SchemaFixture.Parse("{}"));

        SchemaDefaulter.Default(first, schema);
        SchemaDefaulter.Default(second, schema);
        first.Set("outer.inner", 6);

        Assert.Equal("""{"outer":{"inner":5}}""", second.ToJsonString());
    }
}
