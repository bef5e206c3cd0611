using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

/// <summary>Stepping over what an object stores, seen through what is found in it.</summary>
public sealed class CompactJsonTests
{
    private static readonly GroupVersionKind Kind = new("", "v1", "Pod");

    [Theory]
    [InlineData("""{"managedFields":[],"name":"a"}""", "[]")]
    [InlineData("""{"managedFields":[1]}""", "[1]")]
    [InlineData("""{"a":"\"managedFields\":[","b":"\\","managedFields":[{"x":"]}\"["}],"c":[[],{}]}""", """[{"x":"]}\"["}]""")]
    [InlineData("""{"a":1,"b":-1.5e3,"c":null,"d":true,"managedFields":["\\\""]}""", """["\\\""]""")]
    [InlineData("""{"labels":{"managedFields":[1]},"name":"a"}""", "")]
    [InlineData("""{"manageDFields":[1]}""", "")]
    [InlineData("{}", "")]
    public void Owners_are_found_and_left_out(string metadata, string found)
    {
        var json = $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{{{metadata}}},"spec":{"managedFields":[2]}}""";
        var obj = new ApiObject(Kind, Encoding.UTF8.GetBytes(json), 7);
        Assert.Equal(found, Encoding.UTF8.GetString(obj.ManagedFields.Span));
        var without = JsonNode.Parse(json)!.AsObject();
        without["metadata"]!.AsObject().Remove("managedFields");
        without["metadata"]!.AsObject().Insert(0, "resourceVersion", "7");
        Assert.Equal(without.ToJsonString(), obj.ToUnmanagedJsonObject().ToJsonString());
    }

    [Fact]
    public void Random_metadata_is_stepped_over()
    {
        var random = new Random(8259);
        for (var i = 0; i < 500; i++)
        {
            var metadata = RandomJson.Make(random, 4);
            metadata.Insert(random.Next(metadata.Count + 1), "managedFields", new JsonArray(RandomJson.Make(random, 3), "}]\"\\"));
            var obj = new ApiObject(Kind, ObjectEncoding.Encode(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata }), 1);
            Assert.Equal(Encoding.UTF8.GetString(ObjectEncoding.EncodeValue(metadata["managedFields"])), Encoding.UTF8.GetString(obj.ManagedFields.Span));
            metadata.Remove("managedFields");
            metadata.Insert(0, "resourceVersion", "1");
            Assert.True(JsonNode.DeepEquals(metadata, obj.ToUnmanagedJsonObject()["metadata"]));
        }
    }
}
