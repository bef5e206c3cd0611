using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class MergePatchTests
{
    // The table of RFC 7396's appendix (but its rows with a null at the root, which is no request body).
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"a":"foo"}""", "\"bar\"", "\"bar\"")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""[1,2]""", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [InlineData("""{"a":1}""", """{"a":{"b":{"c":null,"d":[null]}}}""", """{"a":{"b":{"d":[null]}}}""")]
    public void Applies(string document, string patch, string expected)
    {
        var members = JsonNode.Parse(patch)!;

        Assert.Equal(expected, MergePatch.Apply(JsonNode.Parse(document)!, members).ToJsonString());
        Assert.Equal(JsonNode.Parse(patch)!.ToJsonString(), members.ToJsonString());
    }

    [Fact]
    public void ApplyingTwiceChangesNothingMore()
    {
        var random = new Random(7396);
        for (var i = 0; i < 300; i++)
        {
            var (document, patch) = (RandomJson.Make(random, 4), RandomJson.Make(random, 4));

            var once = MergePatch.Apply(document.DeepClone(), patch);
            var twice = MergePatch.Apply(once.DeepClone(), patch);

            Assert.Equal(once.ToJsonString(), twice.ToJsonString());
        }
    }
}
