using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class JsonPatchTests
{
    // The situations of RFC 6902's appendix, and those its text describes.
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo","foo":"bar"}""")]
    [InlineData("""{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""",
        """{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}""")]
    [InlineData("""{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("""{"baz":"qux","foo":["a",2,"c"]}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]""",
        """{"baz":"qux","foo":["a",2,"c"]}""")]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/child","value":{"grandchild":{}}}]""", """{"foo":"bar","child":{"grandchild":{}}}""")]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux","xyz":123}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10}]""", """{"/":9,"~1":10}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc","def"]}]""", """{"foo":["bar",["abc","def"]]}""")]
    [InlineData("""{"foo":null}""", """[{"op":"add","path":"/foo","value":1}]""", """{"foo":1}""")]
    [InlineData("""{"foo":1}""", """[{"op":"add","path":"/bar","value":null}]""", """{"foo":1,"bar":null}""")]
    [InlineData("""{"foo":1}""", """[{"op":"copy","from":"/foo","path":"/bar"}]""", """{"foo":1,"bar":1}""")]
    [InlineData("""{"foo":1}""", """[{"op":"add","path":"","value":{"bar":2}}]""", """{"bar":2}""")]
    [InlineData("""{"foo":1}""", """[{"op":"replace","path":"","value":[]}]""", """[]""")]
    [InlineData("""{"foo":{"a":1,"b":[2]}}""", """[{"op":"test","path":"/foo","value":{"b":[2],"a":1}}]""", """{"foo":{"a":1,"b":[2]}}""")]
    [InlineData("""{"foo":1}""", """[{"op":"test","path":"/bar","value":null}]""", """{"foo":1}""")]
    [InlineData("""{"foo":1}""", """[{"op":"move","from":"/foo","path":"/foo"}]""", """{"foo":1}""")]
    [InlineData("""{"metadata":{"labels":{"a/b":"1"}}}""", """[{"op":"replace","path":"/metadata/labels/a~1b","value":"2"}]""", """{"metadata":{"labels":{"a/b":"2"}}}""")]
    [InlineData("""{"":1}""", """[{"op":"replace","path":"/","value":2}]""", """{"":2}""")]
    [InlineData("""{"foo":1}""", "[]", """{"foo":1}""")]
    public void Applies(string document, string patch, string expected)
    {
        var operations = JsonNode.Parse(patch)!;

        Assert.Equal(expected, JsonPatch.Apply(JsonNode.Parse(document)!, operations).ToJsonString());
        Assert.Equal(JsonNode.Parse(patch)!.ToJsonString(), operations.ToJsonString());
    }

    [Theory]
    [InlineData("""{"baz":"qux"}""", """[{"op":"test","path":"/baz","value":"bar"}]""")]
    [InlineData("""{"baz":1}""", """[{"op":"test","path":"/baz","value":"1"}]""")]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz/bat","value":"qux"}]""")]
    [InlineData("""{"foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""")]
    [InlineData("""{"foo":"bar"}""", """[{"op":"replace","path":"/baz","value":1}]""")]
    [InlineData("""{"foo":[1]}""", """[{"op":"add","path":"/foo/2","value":1}]""")]
    [InlineData("""{"foo":[1]}""", """[{"op":"remove","path":"/foo/-"}]""")]
    [InlineData("""{"foo":[1,2]}""", """[{"op":"remove","path":"/foo/01"}]""")]
    [InlineData("""{"foo":[1,2]}""", """[{"op":"remove","path":"/foo/-1"}]""")]
    [InlineData("""{"foo":{}}""", """[{"op":"move","from":"/foo","path":"/foo/bar"}]""")]
    [InlineData("""{"foo":{}}""", """[{"op":"copy","from":"/x","path":"/y"}]""")]
    [InlineData("""{"foo":1}""", """[{"op":"remove","path":""}]""")]
    [InlineData("""{"foo":1}""", """[{"op":"add","path":"/foo/bar","value":1}]""")]
    public void RefusesWhatCannotBeDone(string document, string patch)
    {
        var error = Assert.Throws<ApiException>(() => JsonPatch.Apply(JsonNode.Parse(document)!, JsonNode.Parse(patch)!));

        Assert.Equal(StatusReason.Invalid, error.Reason);
        Assert.Equal(422, error.Status.Code);
        Assert.Equal("the server rejected our request due to an error in our request", error.Message);
    }

    [Theory]
    [InlineData("{}", "it is not an array of operations")]
    [InlineData("[1]", "operation 0 is not an object")]
    [InlineData("""[{"path":"/a","value":1}]""", "operation 0 has no op")]
    [InlineData("""[{"op":"add","path":"/a","value":1},{"op":"spam","path":"/a"}]""", "operation 1 has an unknown op, \"spam\"")]
    [InlineData("""[{"op":"add","value":1}]""", "operation 0 has no path")]
    [InlineData("""[{"op":"add","path":"/a"}]""", "operation 0 has no value")]
    [InlineData("""[{"op":"add","path":"a","value":1}]""", "operation 0 has a path that is not a JSON pointer, \"a\"")]
    [InlineData("""[{"op":"move","path":"/a"}]""", "operation 0 has no from")]
    public void RefusesWhatIsNoPatch(string patch, string why)
    {
        var error = Assert.Throws<ApiException>(() => JsonPatch.Apply(new JsonObject(), JsonNode.Parse(patch)!));

        Assert.Equal(StatusReason.BadRequest, error.Reason);
        Assert.Equal($"invalid JSON patch: {why}", error.Message);
    }

    [Fact]
    public void LimitsTheNumberOfOperations()
    {
        var patch = new JsonArray([.. Enumerable.Range(0, JsonPatch.MostOperations + 1)
            .Select(_ => (JsonNode)new JsonObject { ["op"] = "test", ["path"] = "", ["value"] = new JsonObject() })]);

        var error = Assert.Throws<ApiException>(() => JsonPatch.Apply(new JsonObject(), patch));

        Assert.Equal(StatusReason.RequestEntityTooLarge, error.Reason);
        Assert.Equal("Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001", error.Message);
    }

    [Fact]
    public void LimitsWhatCopiesAddUpTo()
    {
        var patch = new JsonArray([.. Enumerable.Range(0, 14)
            .Select(_ => (JsonNode)new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = "/a/-" })]);
        var document = new JsonObject { ["a"] = new JsonArray(new string('x', 1000)) };

        var error = Assert.Throws<ApiException>(() => JsonPatch.Apply(document, patch));

        Assert.Equal(StatusReason.Invalid, error.Reason);
        Assert.StartsWith("Unable to complete the copy, the accumulated size increase of copy is ", Assert.Single(error.Status.Causes).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("add", 250, 0)]
    [InlineData("add", 200, 51)]
    [InlineData("add", 100, 20_000)]
    [InlineData("copy", 200, 60)]
    [InlineData("move", 200, 60)]
    [InlineData("move", 249, 249)]
    public void RefusesAResultThatNestsTooDeep(string operation, int depth, int more)
    {
        var document = new JsonObject { ["a"] = Nested(depth), ["b"] = Nested(Math.Min(more, 249)) };
        var patch = operation == "add"
            ? Adds(depth, more)
            : new JsonArray(new JsonObject { ["op"] = operation, ["from"] = "/b", ["path"] = string.Concat(Enumerable.Repeat("/a", depth)) + "/b" });

        var error = Assert.Throws<ApiException>(() => JsonPatch.Apply(document, patch));

        Assert.Equal(StatusReason.Invalid, error.Reason);
        Assert.Equal("patch", Assert.Single(error.Status.Causes).Field);
        Assert.Contains("nests deeper than 250", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 300);
    }

    [Fact]
    public void AResultMayBeAsDeepAsADocument()
    {
        var document = new JsonObject { ["a"] = Nested(200) };

        var result = JsonPatch.Apply(document, Adds(200, 49));

        Assert.Equal(250, ObjectEncoding.EncodeValue(result).Count(c => c == '{'));
    }

    // What copies are made of must be measured, and that must not end in the encoder's depth.
    [Fact]
    public void RefusesToCopyWhatNestsTooDeep()
    {
        var document = new JsonObject { ["a"] = Nested(200) };
        var patch = Adds(200, 240);
        patch.Add(new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = "/c" });
        patch.Add(new JsonObject { ["op"] = "remove", ["path"] = "/a" });

        Assert.Equal("patch", Assert.Single(Assert.Throws<ApiException>(() => JsonPatch.Apply(document, patch)).Status.Causes).Field);
    }

    /// <summary>Operations that each add as much as a patch may hold, below what the last one added.</summary>
    private static JsonArray Adds(int depth, int more)
    {
        var patch = new JsonArray();
        for (var left = more; left >= 0; left -= 200)
        {
            patch.Add(new JsonObject { ["op"] = "add", ["path"] = string.Concat(Enumerable.Repeat("/a", depth)) + "/a", ["value"] = Nested(Math.Min(left, 200)) });
            depth += 200;
        }

        return patch;
    }

    /// <summary>So many objects inside one another.</summary>
    private static JsonObject? Nested(int depth)
    {
        JsonObject? node = null;
        for (; depth > 0; depth--)
        {
            node = new JsonObject { ["a"] = node };
        }

        return node;
    }
}
