using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

/// <summary>What clients send may be anything: it is decoded or refused as a bad request, and takes no more memory than the like in JSON.</summary>
public sealed class HostileProtobufTests
{
    [Theory]
    [InlineData("", "the request body is empty")]
    [InlineData("7B7D", "does not begin with the bytes")]
    [InlineData("6B387300 12", "ends too early (byte 2 of the envelope)")]
    [InlineData("6B387300 1205 0A", "ends too early")]
    [InlineData("6B387300 12 FFFFFFFFFFFFFFFFFF01", "ends too early")]          // a length of 2^64
    [InlineData("6B387300 12 FFFFFFFF07", "ends too early")]                    // a length of 2 GiB
    [InlineData("6B387300 12 FFFFFFFFFFFFFFFFFFFF01", "more than 64 bits")]
    [InlineData("6B387300 1001", "field 2 of the envelope has wire type 0, not 2")]
    [InlineData("6B387300 00", "illegal tag 0")]
    [InlineData("6B387300 07", "illegal tag 7")]
    [InlineData("6B387300 1A0467 7A6970", "contentEncoding of the envelope must be empty")]
    [InlineData("6B387300 2204 6A736F6E", "contentType of the envelope must be empty or")]
    [InlineData("6B387300 0A03 0A01FF", "the envelope's type is not valid UTF-8")]
    public void A_broken_envelope_is_refused(string body, string why) => Refused(Bytes(body), why);

    [Theory]
    [InlineData("0801", "spec.text has wire type 0, not 2")]
    [InlineData("1201 61", "spec.count has wire type 2, not 0")]
    [InlineData("3D00000000", "spec.when has wire type 5, not 2")]
    [InlineData("6801", "spec.parts has wire type 0, not 2")]
    [InlineData("6500000000", "spec.numbers has wire type 5, not 0")]
    [InlineData("7001", "spec.labels has wire type 0, not 2")]
    [InlineData("7202 0801", "spec.labels.KEY has wire type 0, not 2")]
    [InlineData("980101", "field 19 of spec has wire type 0, not 2")]
    [InlineData("AA0102 1001", "field 2 of spec.rule has wire type 0, not 2")]
    [InlineData("0A01 FF", "spec.text is not valid UTF-8")]
    [InlineData("6A03 0A01FF", "spec.parts[0].name is not valid UTF-8")]
    [InlineData("5A02 C328", "spec.names is not valid UTF-8")]
    [InlineData("7203 0A01FF", "spec.labels.KEY is not valid UTF-8")]
    [InlineData("3A0A 08FFFFFFFFFFFFFFFF7F", "spec.when is a time outside the years 1 to 9999")]
    [InlineData("4206 0801 10FFFFFF0F", "ends too early")]
    [InlineData("6A03 0A0561", "ends too early (byte 3 of spec.parts[0])")]
    [InlineData("07", "illegal tag 7 (byte 2 of spec)")]
    [InlineData("29 000000000000F07F", "spec.ratio is not a finite number")]
    [InlineData("920103 0A017B", "spec.raw is not JSON")]
    [InlineData("FC3F", "a group ends that did not begin")]
    [InlineData("FB3F", "ends too early")]
    public void A_broken_field_is_refused_by_name(string spec, string why) =>
        Refused(ProtobufFixture.Envelope([0x12, (byte)Bytes(spec).Length, .. Bytes(spec)]), why);

    [Fact]
    public void Lists_and_maps_that_are_always_there_are_empty_if_nothing_was_sent_of_them()
    {
        var schema = new Schema
        {
            Required = ["parts", "counts"],
            Properties =
            {
                ["parts"] = new Schema { Type = SchemaType.Array, Items = new Schema(), FieldPath = [1] },
                ["counts"] = new Schema { AdditionalProperties = new Schema { Type = SchemaType.String }, FieldPath = [2] },
            },
        };

        var decoded = ProtobufDecoder.Decode(ProtobufFixture.Envelope([]), ProtobufFixture.Kind, schema);

        Assert.Equal(("[]", "{}"), (decoded["parts"]?.ToJsonString(), decoded["counts"]?.ToJsonString()));
    }

    [Fact]
    public void Messages_are_nested_only_so_deep()
    {
        var tree = new Schema();
        tree.Properties["branches"] = new Schema { Type = SchemaType.Array, Items = tree, FieldPath = [1] };
        var message = Array.Empty<byte>();
        for (var i = 0; i < 5000; i++)
        {
            message = [0x0a, .. Varint(message.Length), .. message];
            if (i == 100)
            {
                ProtobufDecoder.Decode(ProtobufFixture.Envelope(message), ProtobufFixture.Kind, tree);
            }
        }

        var refused = Assert.Throws<ApiException>(() => ProtobufDecoder.Decode(ProtobufFixture.Envelope(message), ProtobufFixture.Kind, tree));
        Assert.Contains("nested more than 250 deep", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_inside_counts_to_the_depth()
    {
        var raw = new string('[', 245) + new string(']', 245);
        Assert.NotNull(ProtobufFixture.Decode(WithRaw(raw)));
        Assert.Contains("spec.raw is not JSON", Assert.Throws<ApiException>(() => ProtobufFixture.Decode(WithRaw($"[[[[{raw}]]]]"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_without_end_take_no_stack()
    {
        var open = new byte[1_000_000];
        Array.Fill<byte>(open, 0x7b);
        Refused(ProtobufFixture.Envelope(open), "ends too early");
    }

    [Fact]
    public void Whatever_becomes_of_a_message_it_is_decoded_or_a_bad_request()
    {
        // A fixed seed: what fails here fails always.
        var random = new Random(20261129);
        var sound = ProtobufFixture.Envelope(ProtobufFixture.Message);
        var decoded = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var body = Mutate(sound, random);
            try
            {
                var obj = ProtobufDecoder.Decode(body, ProtobufFixture.Kind, ProtobufFixture.Schema);
                decoded++;
                // What was decoded is written by the server, and may be of wrong values but not of another shape.
                ObjectEncoding.EncodeValue(obj);
                EncodeAgain(obj);
            }
            catch (ApiException e)
            {
                Assert.Equal(StatusReason.BadRequest, e.Reason);
            }
        }

        Assert.True(decoded > 1000, $"only {decoded} were decoded");
    }

    private static void EncodeAgain(JsonObject obj)
    {
        if (obj.GetString("kind") == "Gadget")
        {
            var again = ProtobufFixture.Encode(obj.ToJsonString());
            Assert.Equal(Convert.ToHexString(again), Convert.ToHexString(ProtobufFixture.Encode(ProtobufFixture.Decode(again).ToJsonString())));
        }
    }

    private static byte[] Mutate(byte[] sound, Random random)
    {
        var body = sound.ToArray();
        for (var change = random.Next(1, 4); change > 0 && body.Length > 0; change--)
        {
            var at = random.Next(body.Length);
            switch (random.Next(5))
            {
                case 0:
                    body[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    body[at] = (byte)random.Next(256);
                    break;
                case 2:
                    body = body[..at];
                    break;
                case 3:
                    body = [.. body[..at], .. body[random.Next(at + 1)..at], .. body[at..]];
                    break;
                default:
                    body = [.. body[..at], (byte)random.Next(256), .. body[at..]];
                    break;
            }
        }

        return body;
    }

    private static byte[] WithRaw(string json)
    {
        byte[] raw = [0x0a, .. Varint(json.Length), .. System.Text.Encoding.UTF8.GetBytes(json)];
        byte[] spec = [0x92, 1, .. Varint(raw.Length), .. raw];
        return [0x12, .. Varint(spec.Length), .. spec];
    }

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value > 0x7f; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static void Refused(byte[] body, string why)
    {
        var refused = Assert.Throws<ApiException>(() => ProtobufDecoder.Decode(body, ProtobufFixture.Kind, ProtobufFixture.Schema));
        Assert.Equal(StatusReason.BadRequest, refused.Reason);
        Assert.StartsWith("protobuf parse error: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
