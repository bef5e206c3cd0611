using System.Text;

namespace Modular.ApiFuzzer.Tests;

/// <summary>Bodies near the size limit in forms that a careless reader takes minutes for, or memory without end: all are answered.</summary>
[Collection(nameof(FuzzTests))]
public sealed class LargeBodyTests(LargeBodyTests.Scene scene) : IClassFixture<LargeBodyTests.Scene>
{
    private const int Size = 2_900_000;

    // YAML is read at a tenth of JSON's speed, and a third of the limit shows what takes the square of its length as well.
    private const int YamlSize = 1_000_000;

    // So much may be told of what is wrong.
    private const int MostTold = 200_000;

    /// <summary>Far more than any of them takes; one that takes the square of its length takes much longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly Dictionary<string, (string Type, Func<string> Body)> Bodies = new(StringComparer.Ordinal)
    {
        ["unknown fields"] = ("application/json", static () => Object(Many(static i => $"\"a{i}\":1"))),
        ["one field many times"] = ("application/json", static () => Object(Many(static _ => "\"a\":1"))),
        ["fields twice"] = ("application/json", static () => Object(Many(static i => $"\"a{i}\":1,\"a{i}\":1"))),
        ["fields twice far inside"] = ("application/json", static () => Object($"\"{new string('x', Size / 2)}\":{{{Many(static i => $"\"a{i}\":1,\"a{i}\":1", Size / 2)}}}")),
        ["nulls"] = ("application/json", static () => Object($"\"data\":{{{Many(static i => $"\"a{i}\":null")}}}")),
        ["map"] = ("application/json", static () => Object($"\"data\":{{{Many(static i => $"\"a{i}\":\"b\"")}}}")),
        ["bad keys"] = ("application/json", static () => Object($"\"data\":{{{Many(static i => $"\"/{i}\":\"b\"")}}}")),
        ["finalizers"] = ("application/json", static () => Metadata($"\"finalizers\":[{Many(static i => $"\"e.org/{i}\"")}]")),
        ["finalizers twice"] = ("application/json", static () => Metadata($"\"finalizers\":[{Many(static i => $"\"e.org/{i / 2}\"")}]")),
        ["owners"] = ("application/json", static () => Metadata($"\"ownerReferences\":[{Many(static i => $$"""{"uid":"{{i}}","kind":"A","name":"a","apiVersion":"v1"}""")}]")),
        ["managed fields"] = ("application/json", static () => Metadata($"\"managedFields\":[{Many(static i => $"{{\"manager\":\"{i}\",\"operation\":\"Update\",\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{{\"f:data\":{{\"f:a\":{{}}}}}}}}")}]")),
        ["labels"] = ("application/json", static () => Metadata($"\"labels\":{{{Many(static i => $"\"a{i}\":\"b\"")}}}")),
        ["yaml keys"] = ("application/yaml", static () => string.Concat("kind: ConfigMap\n", Many(static i => $"a{i}: 1", YamlSize, "\n"))),
        ["yaml keys twice"] = ("application/yaml", static () => string.Concat("kind: ConfigMap\n", Many(static i => $"a{i}: 1\na{i}: 1", YamlSize, "\n"))),
        ["yaml far inside"] = ("application/yaml", static () => $"{string.Concat(Enumerable.Repeat("{" + new string('x', 1000) + ": ", 240))}{{{Many(static i => $"a{i}: 1", YamlSize)}}}{new string('}', 240)}"),
        ["yaml anchors"] = ("application/yaml", static () => Many(static i => $"a{i}: &a{i} 1", YamlSize, "\n")),
        ["yaml merges"] = ("application/yaml", static () => $"a: &a {{{Many(static i => $"a{i}: 1", 60_000)}}}\n{Many(static i => $"b{i}: {{<<: *a}}", 2000, "\n")}"),
        ["yaml flow"] = ("application/yaml", static () => new string('[', 200) + Many(static _ => "[]", YamlSize) + new string(']', 200)),
        ["yaml open flow"] = ("application/yaml", static () => new string('[', Size)),
        ["yaml questions"] = ("application/yaml", static () => string.Concat(Enumerable.Repeat("? ", Size / 2))),
        ["yaml dashes"] = ("application/yaml", static () => string.Concat(Enumerable.Repeat("- ", Size / 2))),
        ["yaml one line"] = ("application/yaml", static () => "a: " + string.Concat(Enumerable.Repeat("b ", Size / 2))),
        ["yaml lines"] = ("application/yaml", static () => "a: b" + string.Concat(Enumerable.Repeat("\n  b", Size / 4))),
        ["yaml blanks"] = ("application/yaml", static () => "a: b" + new string('\n', Size)),
        ["yaml spaces"] = ("application/yaml", static () => "a: b" + string.Concat(Enumerable.Repeat(new string(' ', 5000) + "\n", Size / 5001))),
        ["yaml documents"] = ("application/yaml", static () => string.Concat(Enumerable.Repeat("---\n", Size / 4))),
        ["number"] = ("application/json", static () => Object($"\"immutable\":{new string('9', Size)}")),
        ["text"] = ("application/json", static () => Object($"\"data\":{{\"a\":\"{string.Concat(Enumerable.Repeat("\\u0041", Size / 6))}\"}}")),
    };

    private static readonly Dictionary<string, (string Type, Func<string> Body)> Patches = new(StringComparer.Ordinal)
    {
        ["operations"] = ("application/json-patch+json", static () => $"[{Many(static i => $$"""{"op":"add","path":"/data/a{{i}}","value":"b"}""", 9_000 * 50)}]"),
        ["insertions"] = ("application/json-patch+json", static () => $$$"""[{"op":"add","path":"/metadata/finalizers","value":[{{{Many(static _ => "0", 2_000_000)}}}]},{{{Many(static _ => """{"op":"add","path":"/metadata/finalizers/0","value":0}""", 800_000)}}}]"""),
        ["moves"] = ("application/json-patch+json", static () => $$$"""[{"op":"add","path":"/data","value":{{{{Many(static i => $"\"a{i}\":\"\"", 2_000_000)}}}}},{{{Many(static i => i % 2 == 0 ? """{"op":"move","from":"/data","path":"/b"}""" : """{"op":"move","from":"/b","path":"/data"}""", 400_000)}}}]"""),
        ["removals"] = ("application/json-patch+json", static () => $$$"""[{"op":"add","path":"/data","value":{{{{Many(static i => $"\"a{i}\":\"\"", 2_000_000)}}}}},{{{Many(static i => $$"""{"op":"remove","path":"/data/a{{i}}"}""", 800_000)}}}]"""),
        ["merge nulls"] = ("application/merge-patch+json", static () => $"{{\"data\":{{{Many(static i => $"\"a{i}\":null")}}}}}"),
        ["merge unknown"] = ("application/merge-patch+json", static () => Object(Many(static i => $"\"a{i}\":1"))),
        ["finalizers"] = ("application/strategic-merge-patch+json", static () => Metadata($"\"finalizers\":[{Many(static i => $"\"e.org/{i}\"")}]")),
        ["finalizers away"] = ("application/strategic-merge-patch+json", static () => Metadata($"\"$deleteFromPrimitiveList/finalizers\":[{Many(static i => $"\"e.org/{i}\"")}]")),
        ["finalizers in order"] = ("application/strategic-merge-patch+json", static () => Metadata(
            $"\"$setElementOrder/finalizers\":[{Many(static i => $"\"e.org/{i}\"", Size / 2)}],\"finalizers\":[{Many(static i => $"\"e.org/{i}\"", Size / 2)}]")),
        ["owners"] = ("application/strategic-merge-patch+json", static () => Metadata($"\"ownerReferences\":[{Many(static i => $$"""{"uid":"{{i}}"}""")}]")),
        ["owners away"] = ("application/strategic-merge-patch+json", static () => Metadata($"\"ownerReferences\":[{Many(static i => $$"""{"$patch":"delete","uid":"{{i}}"}""")}]")),
        ["retained"] = ("application/strategic-merge-patch+json", static () => $"{{\"data\":{{\"$retainKeys\":[{Many(static i => $"\"a{i}\"")}]}}}}"),
        ["applied"] = ("application/apply-patch+yaml", static () => Metadata($"\"finalizers\":[{Many(static i => $"\"e.org/{i}\"")}]")),
        ["applied map"] = ("application/apply-patch+yaml", static () => Object($"\"data\":{{{Many(static i => $"\"a{i}\":\"b\"")}}}")),
        ["applied unknown"] = ("application/apply-patch+yaml", static () => Object(Many(static i => $"\"a{i}\":1"))),
        ["applied twice"] = ("application/apply-patch+yaml", static () => Object(Many(static i => $"\"a{i}\":1,\"a{i}\":1"))),
    };

    public static TheoryData<string> BodyNames => [.. Bodies.Keys];

    public static TheoryData<string> PatchNames => [.. Patches.Keys];

    [Theory]
    [MemberData(nameof(BodyNames))]
    public async Task A_large_body_is_answered(string name)
    {
        var (type, body) = Bodies[name];

        await DemandAnswerAsync("POST", "/api/v1/namespaces/default/configmaps?fieldValidation=Warn", type, body());
    }

    [Theory]
    [MemberData(nameof(PatchNames))]
    public async Task A_large_patch_is_answered(string name)
    {
        var (type, body) = Patches[name];

        await DemandAnswerAsync("PATCH", "/api/v1/namespaces/default/configmaps/a?fieldManager=a", type, body());
    }

    [Theory]
    [InlineData("POST", "", "application/json")]
    [InlineData("PATCH", "/a?fieldManager=m", "application/apply-patch+yaml")]
    [InlineData("PATCH", "/a", "application/strategic-merge-patch+json")]
    [InlineData("PUT", "/a", "application/json")]
    public async Task A_long_list_of_containers_is_answered(string method, string path, string type)
    {
        var containers = Many(static i => $$"""{"name":"c{{i}}","image":"a"}""", 500_000);
        var pod = $"{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"a\"}},\"spec\":{{\"containers\":[{containers}]}}}}";

        await DemandAnswerAsync(method, "/api/v1/namespaces/default/pods" + path, type, pod);
    }

    private async Task DemandAnswerAsync(string method, string path, string type, string body)
    {
        var request = new FuzzRequest(method, path, [new("Content-Type", type)], Encoding.UTF8.GetBytes(body));

        var answer = await scene.Client.SendAsync(request, Patience, TestContext.Current.CancellationToken);

        Assert.Null(AnswerRules.Check(request, answer));
        Assert.True(answer.Code < 400 || answer.Body.Length < MostTold, $"an error of {answer.Body.Length} bytes");
    }

    private static string Object(string members) => $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},{{members}}}""";

    private static string Metadata(string members) => $"{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"a\",{members}}}}}";

    private static string Many(Func<int, string> entry, int size = Size, string separator = ",")
    {
        var text = new StringBuilder(size + 100);
        for (var i = 0; text.Length < size; i++)
        {
            text.Append(i == 0 ? "" : separator).Append(entry(i));
        }

        return text.ToString();
    }

    /// <summary>A server that has the ConfigMap a.</summary>
    public sealed class Scene : IAsyncLifetime
    {
        private FuzzServer? _server;
        private FuzzClient? _client;

        internal FuzzClient Client => _client!;

        public async ValueTask InitializeAsync()
        {
            _server = await FuzzServer.StartAsync(TestContext.Current.CancellationToken);
            _client = new FuzzClient(_server);
            var request = new FuzzRequest("POST", "/api/v1/namespaces/default/configmaps", [], """{"metadata":{"name":"a"},"data":{"a":"b"}}"""u8.ToArray());
            Assert.Equal(201, (await _client.SendAsync(request, Patience, TestContext.Current.CancellationToken)).Code);
        }

        public async ValueTask DisposeAsync()
        {
            _client?.Dispose();
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }
    }
}
