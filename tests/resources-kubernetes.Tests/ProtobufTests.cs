using System.Text.Json.Nodes;
using Modular.Plugins.ResourcesKubernetes.Schemas;

namespace Modular.Plugins.ResourcesKubernetes.Tests;

/// <summary>The kinds in protobuf, beside what Kubernetes itself has written.</summary>
public sealed class ProtobufTests
{
    private const string NoFacts = "none";

    /// <summary>Those of kinds that the table has, served or not.</summary>
    public static TheoryData<string> Pairs() => KubernetesData.Find() is { } directory
        ?
        [
            .. Directory.EnumerateFiles(Path.Combine(directory, "roundtrip"), "*.json").Where(file => SchemaOf(KindIn(Read(file))) is not null)
                .Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal),
        ]
        : [NoFacts];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task An_object_is_the_same_in_both_forms_where_the_facts_are_at_hand(string pair)
    {
        var file = Path.Combine(KubernetesData.Demand(), "roundtrip", pair);
        var json = Read(file + ".json");
        var protobuf = await File.ReadAllBytesAsync(file + ".pb", TestContext.Current.CancellationToken);
        var kind = KindIn(json);
        var schema = SchemaOf(kind)!;
        Assert.True(ProtobufFormat.Speaks(schema), $"{kind} is JSON only");
        var decoded = ProtobufDecoder.Decode(protobuf, kind, schema);
        Assert.True(JsonNode.DeepEquals(json, decoded), $"decoded:\n{decoded}\nfact:\n{json}");
        Assert.Equal(Convert.ToHexString(protobuf), Convert.ToHexString(Encode(json, kind, schema)));
    }

    [Fact]
    public async Task All_kinds_speak_protobuf()
    {
        foreach (var resource in await TableFixture.ResourcesAsync())
        {
            Assert.True(ProtobufFormat.Speaks(resource.Schema), $"{resource.Kind} is JSON only");
            Assert.All(resource.Subresources, s => Assert.True(s.Schema is null || ProtobufFormat.Speaks(s.Schema), $"{s.Kind} is JSON only"));
        }
    }

    /// <summary>The codec reads protobuf types off the JSON types. Where the table says another, one of them is wrong.</summary>
    [Fact]
    public void The_protobuf_types_of_the_table_are_those_that_the_codec_reads_off()
    {
        foreach (var (indented, line) in TableLine.Read(KubernetesResources.Text("types.txt")))
        {
            if (indented && line[0] != "inline" && line.Place is not null)
            {
                var stated = line[2][(line[2].IndexOf(':', StringComparison.Ordinal) + 1)..];
                // Go's own names of map values that have no type in JSON, and what the facts have made of some maps.
                stated = stated.Replace("ExtraValue", "repeated:string", StringComparison.Ordinal);
                stated = stated is "Quantity>" or "Time>" ? $"map<string,{stated}" : stated;
                Assert.Equal($"{line[0]} {ProtobufType(line[1])}", $"{line[0]} {stated}");
            }
        }
    }

    [Fact]
    public void Presence_is_told_of_scalars_that_the_table_has()
    {
        var schemas = TableFixture.Schemas();
        var told = 0;
        foreach (var (_, line) in TableLine.Read(KubernetesResources.Text("presence.txt")))
        {
            if (schemas.Types.Contains(line[0]))
            {
                var type = schemas.OfType(line[0]);
                Assert.All(line.Words(from: 1).ToArray(), field => Assert.True(type.Properties[field].ExplicitPresence, $"{line[0]}.{field}"));
                told++;
            }
        }

        Assert.True(told > 40, $"only {told} types");
    }

    /// <summary>A pod as Go writes one that has a name, and a container with an image: of all other plain fields zeros are there, and terminationGracePeriodSeconds is 0.</summary>
    [Fact]
    public async Task Zeros_that_Go_writes_are_no_fields_unless_they_are_values()
    {
        var pod = Convert.FromBase64String(
            "azhzAAoJCgJ2MRIDUG9kEmQKEwoDb25lEgAaACIAKgAyADgAQgASOxIdCgFhEgRob3N0KgBCAGoAcgCAAQCIAQCQAQCiAQAaACAAMgBCAFIAWABgAGgAggEAigEAmgEAwgEAGhAKABoAIgAqADIASgBaAHIAGgAiAA==");
        var resource = await TableFixture.ResourceAsync("v1", "Pod");
        var decoded = ProtobufDecoder.Decode(pod, resource.Kind, resource.Schema);
        Assert.Equal(
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"one"},"spec":{"containers":[{"name":"a","image":"host","resources":{}}],"terminationGracePeriodSeconds":0},"status":{}}""",
            decoded.ToJsonString());
    }

    private static byte[] Encode(JsonObject json, GroupVersionKind kind, Schema schema)
    {
        using var encoder = new ProtobufEncoder();
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        ProtobufEnvelope.Write(writer, kind.ApiVersion, kind.Kind, encoder.Encode(ObjectEncoding.EncodeValue(json), schema));
        return writer.WrittenSpan.ToArray();
    }

    private static Schema? SchemaOf(GroupVersionKind kind)
    {
        var schemas = TableFixture.Schemas();
        return schemas.Knows(kind) ? schemas.OfKind(kind)
            : kind == new GroupVersionKind("", "v1", "Status") ? MetaMessages.Status
            : kind == new GroupVersionKind("", "v1", "DeleteOptions") ? MetaMessages.DeleteOptions
            : null;
    }

    private static string ProtobufType(string type) => type switch
    {
        "string:byte" => "bytes",
        "boolean" => "bool",
        "integer:int32" => "int32",
        "integer:int64" => "int64",
        "number:double" => "double",
        _ when type.StartsWith("list<", StringComparison.Ordinal) => $"repeated:{ProtobufType(type[5..^1])}",
        _ when type.StartsWith("map<", StringComparison.Ordinal) => $"map<string,{ProtobufType(type[4..^1])}>",
        _ => type[(type.LastIndexOf('.') + 1)..],
    };

    private static JsonObject Read(string file) => JsonDecoder.DecodeObject(File.ReadAllBytes(file), out _);

    private static GroupVersionKind KindIn(JsonObject json) => GroupVersionKind.From(json.GetString("apiVersion") ?? "", json.GetString("kind") ?? "");
}
