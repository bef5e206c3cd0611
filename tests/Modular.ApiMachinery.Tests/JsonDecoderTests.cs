using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class JsonDecoderTests
{
    [Theory]
    [InlineData("""{"a":[1,2.50,-3e4,{"b":null}],"c":"x\ny","d":true,"e":{},"f":[]}""")]
    [InlineData("""[1,"two",false]""")]
    [InlineData("\"text\"")]
    [InlineData("12345678901234567890")]
    public void BuildsTheSameTreeAsTheFramework(string json)
    {
        var node = JsonDecoder.Decode(Encoding.UTF8.GetBytes(json), out var duplicates);

        Assert.Empty(duplicates);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), node));
        Assert.Equal(JsonNode.Parse(json)!.ToJsonString(), node.ToJsonString());
    }

    [Fact]
    public void ReportsDuplicatesAndKeepsTheLast()
    {
        var json = """
            {"spec":{"replicas":1,"replicas":2,"c":[{"n":"a"},{"n":"b","n":"c","n":"d"}],"x":{"deep":1},"x":{"other":1,"other":2}}}
            """;

        var node = JsonDecoder.DecodeObject(Encoding.UTF8.GetBytes(json), out var duplicates);

        Assert.Equal(["spec.replicas", "spec.c[1].n", "spec.x", "spec.x.other"], duplicates);
        Assert.Equal("""{"spec":{"replicas":2,"c":[{"n":"a"},{"n":"d"}],"x":{"other":2}}}""", node.ToJsonString());
    }

    [Fact]
    public void NumbersConvertToEveryType()
    {
        var node = JsonDecoder.DecodeObject("""{"n":5}"""u8, out _);

        Assert.Equal(5, node["n"]!.GetValue<int>());
        Assert.Equal(5L, node["n"]!.GetValue<long>());
        Assert.Equal(5.0, node["n"]!.GetValue<double>());
    }

    [Theory]
    [InlineData("", "the request body is empty")]
    [InlineData("  \n", "the request body is empty")]
    [InlineData("null", "the request body is null")]
    [InlineData("{\"a\":1", "json parse error: ")]
    [InlineData("{\"a\":1,}", "json parse error: ")]
    [InlineData("{a:1}", "json parse error: ")]
    [InlineData("{} x", "json parse error: ")]
    [InlineData("{} {}", "json parse error: ")]
    [InlineData("\"\\ud800\"", "json parse error: ")]
    public void RefusesWhatIsNotJson(string json, string message)
    {
        var error = Assert.Throws<ApiException>(() => JsonDecoder.Decode(Encoding.UTF8.GetBytes(json), out _));

        Assert.Equal(StatusReason.BadRequest, error.Reason);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RefusesBrokenUtf8()
    {
        byte[] json = [(byte)'"', 0xc3, 0x28, (byte)'"'];

        Assert.Equal(StatusReason.BadRequest, Assert.Throws<ApiException>(() => JsonDecoder.Decode(json, out _)).Reason);
    }

    [Fact]
    public void SaysWhereJsonIsBroken()
    {
        var error = Assert.Throws<ApiException>(() => JsonDecoder.Decode("{\n  \"a\": ?\n}"u8, out _));

        Assert.EndsWith("(line 2, byte 8)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LimitsDepth()
    {
        var deepest = new string('[', JsonDecoder.DeepestNesting) + new string(']', JsonDecoder.DeepestNesting);

        JsonDecoder.Decode(Encoding.UTF8.GetBytes(deepest), out _);

        var error = Assert.Throws<ApiException>(() => JsonDecoder.Decode(Encoding.UTF8.GetBytes($"[{deepest}]"), out _));
        Assert.Equal(StatusReason.BadRequest, error.Reason);
        Assert.Contains("depth", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("\xff")]
    public void RefusesBrokenStringsInManagedFields(string text)
    {
        var json = Encoding.Latin1.GetBytes($$$"""{"metadata":{"managedFields":[{"manager":"{{{text}}}"}]}}""");

        Assert.Equal(StatusReason.BadRequest, Assert.Throws<ApiException>(() => JsonDecoder.Decode(json, out _)).Reason);
    }

    [Theory]
    [InlineData("""{"metadata":{"managedFields":[{"manager":"a","manager":"b"}]}}""", "metadata.managedFields[0].manager")]
    [InlineData("""{"metadata":{"managedFields":[{"fieldsV1":{"f:spec":{},"f:spec":{}}}]}}""", "metadata.managedFields[0].fieldsV1.f:spec")]
    public void ReportsWhatStandsTwiceInManagedFieldsAndLetsOthersLookIntoThem(string json, string path)
    {
        var node = JsonDecoder.Decode(Encoding.UTF8.GetBytes(json), out var duplicates);

        Assert.Equal([path], duplicates);
        Assert.Single(node["metadata"]!["managedFields"]![0]!.AsObject());
    }

    [Fact]
    public void OnlyObjectsAreObjects() =>
        Assert.Equal("the request body is not a JSON object", Assert.Throws<ApiException>(() => JsonDecoder.DecodeObject("[]"u8, out _)).Message);

    [Fact]
    public void TellsOnlySoManyDuplicates()
    {
        var members = string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"a{i}\":1,\"a{i}\":2"));

        JsonDecoder.Decode(System.Text.Encoding.UTF8.GetBytes($"{{{members}}}"), out var duplicates);

        Assert.Equal(StrictDecoding.MostProblems, duplicates.Count);
        Assert.Equal("a99", duplicates[^1]);
    }

    [Fact]
    public void TellsAHugePathShortened()
    {
        var name = new string('x', 100_000);

        JsonDecoder.Decode(System.Text.Encoding.UTF8.GetBytes($"{{\"{name}\":{{\"a\":1,\"a\":2,\"b\":1,\"b\":2}}}}"), out var duplicates);

        Assert.Equal(name[..1000] + "...", Assert.Single(duplicates));
    }
}
