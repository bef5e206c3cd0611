using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class ProtobufTests
{
    [Fact]
    public void An_object_is_encoded_as_protoc_does_whatever_order_its_fields_have() =>
        Assert.Equal(Convert.ToHexString(ProtobufFixture.Message), Convert.ToHexString(ProtobufFixture.Encode(ProtobufFixture.Json)));

    [Fact]
    public void An_object_is_decoded_with_all_its_fields()
    {
        var decoded = ProtobufFixture.Decode(ProtobufFixture.Message);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(ProtobufFixture.Json), decoded), decoded.ToJsonString());
        Assert.True(ProtobufFormat.Speaks(ProtobufFixture.Schema));
    }

    [Fact]
    public void The_envelope_is_as_Go_writes_it()
    {
        byte[] expected = [.. "k8s\0"u8, 0x0a, 12, 0x0a, 2, .. "v1"u8, 0x12, 6, .. "Gadget"u8, 0x12, 2, 0x0a, 0, 0x1a, 0, 0x22, 0];
        Assert.Equal(expected, ProtobufFixture.Envelope([0x0a, 0], "v1"));
        var opened = ProtobufEnvelope.Open(expected);
        Assert.Equal(("v1", "Gadget", "0A00"), (opened.ApiVersion, opened.Kind, Convert.ToHexString(opened.Message)));
    }

    [Fact]
    public void A_stored_object_carries_its_revision()
    {
        var body = ObjectEncoding.Encode(JsonDecoder.DecodeObject(Encoding.UTF8.GetBytes(ProtobufFixture.Json), out _));
        using var encoder = new ProtobufEncoder();
        var decoded = ProtobufFixture.Decode(encoder.Encode(new ApiObject(ProtobufFixture.Kind, body, 42), ProtobufFixture.Schema));
        Assert.Equal("42", decoded.GetString("metadata.resourceVersion"));
    }

    [Fact]
    public void The_envelope_says_what_an_object_is_and_the_url_where_it_does_not()
    {
        Assert.Equal("Gadget", ProtobufDecoder.Decode(ProtobufFixture.Envelope([], "", ""), ProtobufFixture.Kind, ProtobufFixture.Schema).GetString("kind"));
        var other = ProtobufDecoder.Decode(ProtobufFixture.Envelope(ProtobufFixture.Message, "v2", "Other"), ProtobufFixture.Kind, ProtobufFixture.Schema);
        Assert.Equal("""{"apiVersion":"v2","kind":"Other"}""", other.ToJsonString());
    }

    [Theory]
    [InlineData("0A00", "{}")]                          // text "": Go writes it for a field that is not set
    [InlineData("1000", "{}")]                          // count 0
    [InlineData("1800", """{"big":0}""")]               // has presence
    [InlineData("2000", """{"on":false}""")]
    [InlineData("290000000000000000", "{}")]           // ratio 0
    [InlineData("3200", "{}")]                          // data
    [InlineData("3A00", "{}")]                          // a time that is not set
    [InlineData("3A0408001000", "{}")]
    [InlineData("4A00", """{"amount":"0"}""")]
    [InlineData("5200", """{"port":0}""")]
    [InlineData("5206080010501A00", """{"port":80}""")]
    [InlineData("6A00", """{"parts":[{}]}""")]
    [InlineData("6A020A00", """{"parts":[{"name":""}]}""")] // required
    [InlineData("9A0100", "{}")]                        // inline, of which nothing is set
    [InlineData("9A01021200", """{"memory":{}}""")]
    [InlineData("AA01020800", """{"rule":false}""")]
    [InlineData("AA01020801", """{"rule":true}""")]
    [InlineData("9201020A00", "{}")]                    // no JSON at all
    [InlineData("920106 0A046E756C6C", "{}")]
    public void Zeros_are_absent_where_they_mean_nothing(string spec, string json) =>
        Assert.Equal(json, ProtobufFixture.DecodeSpec(Bytes(spec))!.ToJsonString());

    [Theory]
    [InlineData("1001 1002", """{"count":2}""")]                              // the last one wins
    [InlineData("1001 1000", "{}")]
    [InlineData("6203 01AC02", """{"numbers":[1,300]}""")]                    // packed
    [InlineData("6001 620102", """{"numbers":[1,2]}""")]
    [InlineData("10FEFFFFFF1F", """{"count":-2}""")]                          // more bits than an int32 has
    [InlineData("2002", """{"on":true}""")]
    [InlineData("7203 0A0161 7205 0A01611200", """{"labels":{"a":""}}""")]
    [InlineData("7200", """{"labels":{"":""}}""")]
    [InlineData("7A03 0A0161", """{"limits":{"a":"0"}}""")]
    [InlineData("9A0105 0A030A0161 9A0102 1200", """{"disk":{"path":"a"},"memory":{}}""")] // merged
    public void Fields_that_stand_twice_are_read_as_Go_does(string spec, string json) =>
        Assert.Equal(json, ProtobufFixture.DecodeSpec(Bytes(spec))!.ToJsonString());

    [Theory]
    [InlineData("F83F05")]                // a number
    [InlineData("FA3F0161")]              // bytes
    [InlineData("F93F0000000000000000")]
    [InlineData("FD3F00000000")]
    [InlineData("FB3F 0B 0801 0C FC3F")]  // groups inside one another
    public void Unknown_fields_are_passed_over(string unknown) =>
        Assert.Equal("""{"count":1}""", ProtobufFixture.DecodeSpec([.. Bytes(unknown), 0x10, 1])!.ToJsonString());

    [Theory]
    [InlineData("""{"rule":true}""", "1205AA01020801")]
    [InlineData("""{"rule":false}""", "1205AA01020800")]
    [InlineData("""{"port":8080}""", "12095207080010903F1A00")]
    [InlineData("""{"data":"A\u0041\nH/"}""", "120532030001FF")]
    [InlineData("""{"labels":{"b":"2","a":"1","ä":"3"}}""", "1219 72060A016112013172060A0162120132 7207 0A02C3A4120133")]
    [InlineData("""{"when":"2030-01-01T02:00:00+02:00"}""", "120A 3A08 08 80B1EF8607 1000")]
    [InlineData("""{"limits":{"a":null}}""", "1207 7A05 0A0161 1200")]
    [InlineData("""{"text":null,"nobody":{"knows":[1]}}""", "1200")]
    public void Other_values_are_encoded(string spec, string message) =>
        Assert.Equal(message.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(ProtobufFixture.Encode($$"""{"spec":{{spec}}}""")));

    [Theory]
    [InlineData("""{"text":1}""", "text")]
    [InlineData("""{"count":1.5}""", "count")]
    [InlineData("""{"on":"yes"}""", "on")]
    [InlineData("""{"data":"!"}""", "data")]
    [InlineData("""{"when":"soon"}""", "when")]
    [InlineData("""{"parts":{}}""", "parts")]
    [InlineData("""{"rule":[]}""", "rule")]
    [InlineData("""{"disk":[]}""", "disk")]
    public void An_object_that_is_not_of_its_schema_is_not_encoded(string spec, string field) =>
        Assert.StartsWith(field, Assert.Throws<InvalidDataException>(() => ProtobufFixture.Encode($$"""{"spec":{{spec}}}""")).Message, StringComparison.Ordinal);

    [Fact]
    public void Long_messages_have_long_lengths()
    {
        foreach (var length in (int[])[126, 127, 128, 16_382, 16_383, 16_384, 300_000])
        {
            var text = new string('x', length);
            var message = ProtobufFixture.Encode($$$"""{"spec":{"labels":{"{{{text}}}":"b","a":"{{{text}}}"},"parts":[{"name":"{{{text}}}"}],"text":"a"}}""");
            var spec = ProtobufFixture.Decode(message).GetObject("spec")!;
            Assert.Equal((text, "b", "a", text), (spec["labels"]!["a"].AsString(), spec["labels"]![text].AsString(), spec.GetString("text"), spec["parts"]![0]!["name"].AsString()));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(2000)]
    public void Lists_tell_their_length_before_their_items(int count)
    {
        var items = Enumerable.Range(1, count).Select(i => new ApiObject(ProtobufFixture.Kind, Encoding.UTF8.GetBytes(
            $$$"""{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"n{{{i}}}"},"spec":{"text":"{{{new string('x', 500)}}}"}}"""), i)).ToList();
        using var list = new ProtobufList("example.com/v1", "GadgetList", ProtobufFixture.Schema, 99, "next", 7);
        items.ForEach(list.Measure);
        Assert.Equal(count <= 3, list.Kept == count);
        var writer = new ArrayBufferWriter<byte>();
        list.WriteHead(writer);
        items.Skip(list.Kept).ToList().ForEach(item => list.WriteItem(writer, item));
        ProtobufList.WriteTail(writer);

        var decoded = ProtobufDecoder.Decode(writer.WrittenSpan, new GroupVersionKind("example.com", "v1", "GadgetList"), new Schema
        {
            Properties =
            {
                ["metadata"] = new Schema { FieldPath = [1], Properties = MetaMessages.Status.Properties["metadata"].Properties },
                ["items"] = new Schema { Type = SchemaType.Array, FieldPath = [2], Items = ProtobufFixture.Schema },
            },
        });
        Assert.Equal("""{"resourceVersion":"99","continue":"next","remainingItemCount":7}""", decoded["metadata"]!.ToJsonString());
        Assert.Equal(items.Select(i => i.Revision.ToString()), (decoded.GetArray("items") ?? []).Select(i => ((JsonObject)i!).GetString("metadata.resourceVersion")));
    }

    [Fact]
    public void A_kind_speaks_protobuf_if_all_its_fields_have_a_place_of_their_own()
    {
        Assert.False(ProtobufFormat.Speaks(new Schema { Properties = { ["metadata"] = new Schema { PreserveUnknownFields = true, FieldPath = [1] } } }));
        Assert.False(ProtobufFormat.Speaks(With(("a", [1]), ("b", []))));
        Assert.False(ProtobufFormat.Speaks(With(("a", [1]), ("b", [1]))));
        Assert.False(ProtobufFormat.Speaks(With(("a", [1]), ("b", [1, 2]))));
        Assert.False(ProtobufFormat.Speaks(With(("a", [1, 2]), ("b", [1]))));
        Assert.False(ProtobufFormat.Speaks(With(("a", [0]))));
        Assert.True(ProtobufFormat.Speaks(With(("a", [1, 2]), ("b", [1, 3]), ("kind", []))));
        Assert.False(ProtobufFormat.Speaks(new Schema { AdditionalProperties = new Schema { Type = SchemaType.String } }));
        Assert.False(ProtobufFormat.Speaks(new Schema
        {
            Properties = { ["a"] = new Schema { FieldPath = [1], AdditionalProperties = new Schema { AdditionalProperties = new Schema { Type = SchemaType.String } } } },
        }));
    }

    [Fact]
    public void A_kind_that_contains_itself_speaks_protobuf_and_one_without_end_does_not()
    {
        var tree = new Schema();
        tree.Properties["branches"] = new Schema { Type = SchemaType.Array, Items = tree, FieldPath = [1] };
        Assert.True(ProtobufFormat.Speaks(tree));
        var chain = new Schema { Type = SchemaType.Any };
        for (var i = 0; i < 100_000; i++)
        {
            chain = new Schema { Type = SchemaType.Any, FieldPath = [1], Alternatives = [chain] };
        }

        Assert.False(ProtobufFormat.Speaks(new Schema { Properties = { ["a"] = chain } }));
    }

    private static Schema With(params (string Name, int[] Place)[] fields)
    {
        var schema = new Schema();
        foreach (var (name, place) in fields)
        {
            schema.Properties.Add(name, new Schema { Type = SchemaType.String, FieldPath = place });
        }

        return schema;
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
