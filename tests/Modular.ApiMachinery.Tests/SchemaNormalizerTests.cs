namespace Modular.ApiMachinery.Tests;

public sealed class SchemaNormalizerTests
{
    [Theory]
    [InlineData("""{"spec":{"replicas":null,"nullable":null}}""", """{"spec":{"nullable":null}}""")]
    [InlineData("""{"metadata":{"creationTimestamp":null,"labels":{"a":null,"b":"c"}}}""", """{"metadata":{"labels":{"a":"","b":"c"}}}""")]
    [InlineData("""{"metadata":{"labels":null,"name":"a"}}""", """{"metadata":{"name":"a"}}""")]
    [InlineData("""{"metadata":{"creationTimestamp":"2026-11-23T08:00:00.5+02:00"}}""", """{"metadata":{"creationTimestamp":"2026-11-23T06:00:00Z"}}""")]
    [InlineData("""{"spec":{"renewed":"2026-11-23T08:00:00Z"}}""", """{"spec":{"renewed":"2026-11-23T08:00:00.000000Z"}}""")]
    [InlineData("""{"metadata":{"seen":{"a":null}}}""", """{"metadata":{"seen":{"a":null}}}""")]
    [InlineData(
        """{"spec":{"containers":[{"limits":{"cpu":0.5,"memory":"1024Mi","gpu":2,"x":"bad","y":null},"any":null}]}}""",
        """{"spec":{"containers":[{"limits":{"cpu":"500m","memory":"1Gi","gpu":"2","x":"bad","y":"0"},"any":null}]}}""")]
    public void BringsValuesIntoTheirForm(string json, string expected)
    {
        var obj = SchemaFixture.Parse(json);

        SchemaNormalizer.Normalize(obj, SchemaFixture.Deployment);
        Assert.Equal(expected, obj.ToJsonString());

        SchemaNormalizer.Normalize(obj, SchemaFixture.Deployment);
        Assert.Equal(expected, obj.ToJsonString());
    }
}
