namespace Modular.ApiMachinery.Tests;

public sealed class SchemaPrunerTests
{
    [Fact]
    public void DropsAndReportsUnknownFields()
    {
        var obj = SchemaFixture.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","x":1,
             "metadata":{"name":"a","labels":{"any":"b"},"unknownMeta":{}},
             "spec":{"replicas":1,"foo":2,"bar":3,"containers":[{"name":"a"},{"name":"b","x":1,"free":{"z":1},"any":[{"q":1}],"ports":[{"containerPort":1,"y":1}]}]}}
            """);
        var unknown = new List<string>();

        SchemaPruner.Prune(obj, SchemaFixture.Deployment, unknown);

        Assert.Equal(["x", "metadata.unknownMeta", "spec.foo", "spec.bar", "spec.containers[1].x", "spec.containers[1].ports[0].y"], unknown);
        Assert.Equal(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","labels":{"any":"b"}},"spec":{"replicas":1,"containers":[{"name":"a"},{"name":"b","free":{"z":1},"any":[{"q":1}],"ports":[{"containerPort":1}]}]}}""",
            obj.ToJsonString());
    }

    [Fact]
    public void KeepsTheRootsEnvelopeEvenIfTheSchemaIsSilent()
    {
        var obj = SchemaFixture.Parse("""{"apiVersion":"v1","kind":"K","metadata":{"name":"a"},"other":1}""");

        SchemaPruner.Prune(obj, new Schema { Type = SchemaType.Object }, unknown: null);

        Assert.Equal("""{"apiVersion":"v1","kind":"K","metadata":{"name":"a"}}""", obj.ToJsonString());
    }

    [Fact]
    public void FollowsCycles()
    {
        var obj = SchemaFixture.Parse("""{"left":{"left":{"x":1},"children":[{"named":{"k":{"x":1}}}]}}""");
        var unknown = new List<string>();

        SchemaPruner.Prune(obj, SchemaFixture.Tree, unknown);

        Assert.Equal(["left.left.x", "left.children[0].named.k.x"], unknown);
    }

    [Fact]
    public void AllocatesNothingOnACleanObject()
    {
        var obj = SchemaFixture.Parse("""{"metadata":{"name":"a"},"spec":{"containers":[{"name":"a","ports":[{"containerPort":80}],"limits":{"cpu":"1"}}]}}""");
        SchemaPruner.Prune(obj, SchemaFixture.Deployment, unknown: null);
        var before = GC.GetAllocatedBytesForCurrentThread();

        SchemaPruner.Prune(obj, SchemaFixture.Deployment, unknown: null);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void WordsProblemsAsKubernetesDoes()
    {
        var problems = StrictDecoding.Problems(["spec.unknownField"], ["spec.replicas"]);

        Assert.Equal(["unknown field \"spec.unknownField\"", "duplicate field \"spec.replicas\""], problems);
        Assert.Empty(StrictDecoding.Problems([], []));
        var error = StrictDecoding.Error(SchemaFixture.Kind, problems);
        Assert.Equal(StatusReason.BadRequest, error.Reason);
        Assert.Equal(
            "Deployment in version \"v1\" cannot be handled as a Deployment: "
            + "strict decoding error: unknown field \"spec.unknownField\", duplicate field \"spec.replicas\"",
            error.Message);
    }
}
