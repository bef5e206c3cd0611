namespace Modular.ApiMachinery.Tests;

public sealed class SchemaValidatorTests
{
    [Theory]
    [InlineData("""{"spec":{"replicas":"x"}}""", "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer: \"string\"")]
    [InlineData("""{"spec":{"replicas":1.5}}""", "spec.replicas: Invalid value: \"number\": spec.replicas in body must be of type integer: \"number\"")]
    [InlineData("""{"spec":{"replicas":3000000000}}""", "spec.replicas: Invalid value: 3000000000: spec.replicas in body must be of type int32: \"3000000000\"")]
    [InlineData("""{"spec":{"containers":[null]}}""", "spec.containers[0]: Invalid value: \"null\": spec.containers[0] in body must be of type object: \"null\"")]
    [InlineData("""{}""", "spec: Required value")]
    [InlineData("""{"spec":null}""", "spec: Required value")]
    [InlineData("""{"spec":{"containers":[{}]}}""", "spec.containers[0].name: Required value")]
    [InlineData("""{"spec":{"containers":[{"name":"a","ports":[{"containerPort":1,"protocol":"ICMP"}]}]}}""",
        "spec.containers[0].ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"a"}]}}""", "spec.containers[2].name: Duplicate value: \"a\"")]
    [InlineData("""{"spec":{"containers":[{"name":"a","ports":[{"containerPort":1,"protocol":"TCP"},{"containerPort":1,"protocol":"TCP"}]}]}}""",
        "spec.containers[0].ports[1]: Duplicate value: {\"containerPort\":1,\"protocol\":\"TCP\"}")]
    [InlineData("""{"metadata":{"finalizers":["a/b","c/d","a/b"]},"spec":{}}""", "metadata.finalizers[2]: Duplicate value: \"a/b\"")]
    [InlineData("""{"spec":{"containers":[{"name":"a","limits":{"cpu":"1x"}}]}}""",
        "spec.containers[0].limits.cpu: Invalid value: \"1x\": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("""{"spec":{"containers":[{"name":"a","data":"%"}]}}""",
        "spec.containers[0].data: Invalid value: \"%\": spec.containers[0].data in body must be of type byte: \"%\"")]
    public void SaysWhatIsWrong(string json, string expected)
    {
        var errors = new FieldErrors();

        SchemaValidator.Validate(SchemaFixture.Parse(json), old: null, SchemaFixture.Deployment, errors);

        var cause = Assert.Single(errors.Causes);
        Assert.Equal(expected, $"{cause.Field}: {cause.Message}");
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":1,"ratio":1.5,"paused":true,"nullable":null,"renewed":"2026-11-23T08:00:00.000000Z"}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","env":[{"name":"X"},{"name":"X"}],"probePort":80,"any":[1,{}],"free":{"x":1},"data":"aGk="}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","ports":[{"containerPort":1,"protocol":"TCP"},{"containerPort":1,"protocol":"UDP"}]}]}}""")]
    public void AcceptsWhatIsRight(string json)
    {
        var errors = new FieldErrors();

        SchemaValidator.Validate(SchemaFixture.Parse(json), old: null, SchemaFixture.Deployment, errors);

        Assert.Empty(errors.Causes);
    }

    [Theory]
    [InlineData("""{"spec":{"selector":{"a":"b"}}}""", """{"spec":{"selector":{"a":"b"}}}""", 0)]
    [InlineData("""{"spec":{"selector":{"a":"b"}}}""", """{"spec":{"selector":{"a":"c"}}}""", 1)]
    [InlineData("""{"spec":{"selector":{"a":"b"}}}""", """{"spec":{}}""", 1)]
    [InlineData("""{"spec":{}}""", """{"spec":{"selector":{"a":"b"}}}""", 0)]
    [InlineData("""{"spec":{"selector":{}}}""", """{"spec":{}}""", 0)]
    [InlineData("""{"spec":{"selector":{}}}""", """{"spec":{"selector":{"a":""}}}""", 1)]
    [InlineData("""{"spec":{"selector":{"a":""}}}""", """{"spec":{"selector":{}}}""", 1)]
    public void ImmutableFieldsStay(string before, string after, int wrong)
    {
        var errors = new FieldErrors();

        SchemaValidator.Validate(SchemaFixture.Parse(after), SchemaFixture.Parse(before), SchemaFixture.Deployment, errors);

        Assert.Equal(wrong, errors.Causes.Count);
        Assert.All(errors.Causes, c => Assert.Equal(("spec.selector", true), (c.Field, c.Message.EndsWith("field is immutable", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("""{"ref":{"name":"a","group":""}}""", """{"ref":{"name":"a"}}""", 0)]
    [InlineData("""{"ref":{"name":"a","count":0,"on":false,"names":[]}}""", """{"ref":{"name":"a"}}""", 0)]
    [InlineData("""{"ref":{"name":"a"}}""", """{"ref":{"name":"a","group":""}}""", 0)]
    [InlineData("""{"ref":{"name":"a","limit":0}}""", """{"ref":{"name":"a"}}""", 1)]
    [InlineData("""{"ref":{"name":"a","count":0}}""", """{"ref":{"name":"a","count":1}}""", 1)]
    [InlineData("""{"ref":{"name":"a","names":["b"]}}""", """{"ref":{"name":"a","names":["c"]}}""", 1)]
    public void ImmutableFieldsMayLoseWhatMeansNothing(string before, string after, int wrong)
    {
        var reference = new Schema
        {
            Immutable = true,
            Properties =
            {
                ["name"] = new() { Type = SchemaType.String },
                ["group"] = new() { Type = SchemaType.String },
                ["count"] = new() { Type = SchemaType.Integer },
                ["on"] = new() { Type = SchemaType.Boolean },
                ["limit"] = new() { Type = SchemaType.Integer, ExplicitPresence = true },
                ["names"] = new() { Type = SchemaType.Array, Items = new() { Type = SchemaType.String } },
            },
        };
        var errors = new FieldErrors();

        SchemaValidator.Validate(SchemaFixture.Parse(after), SchemaFixture.Parse(before), new Schema { Properties = { ["ref"] = reference } }, errors);

        Assert.Equal(wrong, errors.Causes.Count);
    }

    [Fact]
    public void LongListsFindTheSameDuplicatesAsShortOnes()
    {
        var entries = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""{"name":"c{{i % 35}}"}"""));
        var errors = new FieldErrors();

        SchemaValidator.Validate(SchemaFixture.Parse($$"""{"spec":{"containers":[{{entries}}]} }"""), null, SchemaFixture.Deployment, errors);

        Assert.Equal([35, 36, 37, 38, 39], errors.Causes.Select(c => int.Parse(c.Field["spec.containers[".Length..^"].name".Length], null)));
    }

    [Fact]
    public void FollowsCycles()
    {
        var errors = new FieldErrors();

        SchemaValidator.Validate(SchemaFixture.Parse("""{"name":"a","left":{"name":"b","children":[{}]}}"""), null, SchemaFixture.Tree, errors);

        Assert.Equal("left.children[0].name", Assert.Single(errors.Causes).Field);
    }
}
