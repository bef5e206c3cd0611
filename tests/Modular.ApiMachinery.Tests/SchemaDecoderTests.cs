namespace Modular.ApiMachinery.Tests;

public sealed class SchemaDecoderTests
{
    private const string Prefix = "Deployment in version \"v1\" cannot be handled as a Deployment: ";

    [Theory]
    [InlineData("""{"spec":{"containers":"x"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.containers of type []v1.Container")]
    [InlineData("""{"spec":{"containers":["x"]}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.containers[0] of type v1.Container")]
    [InlineData("""{"spec":{"replicas":"3"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"replicas":1.5}}""", "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"replicas":3000000000}}""", "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"paused":1}}""", "json: cannot unmarshal number into Go struct field DeploymentSpec.spec.paused of type bool")]
    [InlineData("""{"metadata":{"labels":{"a":true}}}""", "json: cannot unmarshal bool into Go struct field .metadata.labels.a of type string")]
    [InlineData("""{"metadata":{"labels":[]}}""", "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string")]
    [InlineData("""{"spec":[]}""", "json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec")]
    [InlineData("""{"spec":{"containers":[{"limits":{"cpu":"1x"}}]}}""", "quantities must match the regular expression")]
    [InlineData("""{"spec":{"containers":[{"data":"%"}]}}""", "illegal base64 data (at spec.containers[0].data)")]
    [InlineData("""{"metadata":{"creationTimestamp":"today"}}""", "parsing time \"today\" as \"2006-01-02T15:04:05Z07:00\"")]
    [InlineData("""{"spec":{"containers":[{"any":{"a":[1,1E400]}}]}}""", "json: cannot unmarshal number 1E400 into Go struct field Container.spec.containers[0].any.a[1] of type float64")]
    [InlineData("""{"spec":{"containers":[{"any":-1e999}]}}""", "json: cannot unmarshal number -1e999 into Go struct field Container.spec.containers[0].any of type float64")]
    [InlineData("""{"spec":{"containers":[{"free":{"x":{"y":1e400}}}]}}""", "json: cannot unmarshal number 1e400 into Go struct field spec.containers[0].free.x.y of type float64")]
    public void RefusesWrongTypes(string json, string message)
    {
        var error = Assert.Throws<ApiException>(
            () => SchemaDecoder.CheckTypes(SchemaFixture.Parse(json), SchemaFixture.Deployment, SchemaFixture.Kind));

        Assert.Equal(StatusReason.BadRequest, error.Reason);
        Assert.StartsWith(Prefix + message.Replace("field .", "field ", StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DecodesInOneCall()
    {
        var obj = SchemaFixture.Parse("""
            {"metadata":{"creationTimestamp":null},"spec":{"x":1,"containers":[{"name":"a","limits":{"cpu":0.1},"probePort":"http","ports":[{"containerPort":80}]}]}}
            """);
        var unknown = new List<string>();

        SchemaDecoder.Decode(obj, SchemaFixture.Deployment, SchemaFixture.Kind, unknown);

        Assert.Equal(["spec.x"], unknown);
        Assert.Equal(
            """{"metadata":{},"spec":{"containers":[{"name":"a","limits":{"cpu":"100m"},"probePort":"http","ports":[{"containerPort":80,"protocol":"TCP"}]}],"replicas":1,"nullable":"x"}}""",
            obj.ToJsonString());
    }
}
