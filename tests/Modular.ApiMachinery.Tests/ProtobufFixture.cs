using System.Buffers;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

/// <summary>A kind with a field of everything that protobuf and JSON write differently.</summary>
internal static class ProtobufFixture
{
    /// <summary>All fields, in another order than protobuf's.</summary>
    public const string Json = """
        {"apiVersion":"example.com/v1","kind":"Gadget",
         "metadata":{"labels":{"tier":"front"},"name":"one","namespace":"default","creationTimestamp":"2030-01-01T00:00:00Z"},
         "spec":{"disk":{"path":"/d"},"far":{"path":"far"},"deep":"down","text":"bl\u00e5","count":-3,"big":0,"on":false,"ratio":2.5,"data":"AAH/",
          "when":"1969-12-31T23:59:59Z","precise":"2030-01-01T00:00:00.123456Z","amount":"1500m","port":"http","numbers":[0,300,-1],"names":["b",""],
          "parts":[{"weight":"2Gi","name":"wheel"},{"name":"bell"}],"labels":{"a":""},"limits":{"cpu":"1"},"blobs":{"k":"dg=="},
          "extra":{"scopes":["x","y"]},"raw":{"a":[1,null]},"shallow":"up","memory":{},"rule":{"name":"p"}}}
        """;

    /// <summary>The same as protoc has written it, without envelope.</summary>
    public static readonly byte[] Message = Convert.FromBase64String(
        "CicKA29uZRoHZGVmYXVsdEIICICx74YHEABaDQoEdGllchIFZnJvbnQS7wEKBGJsw6UQ/f//////////ARgAIAApAAAAAAAABEAyAwAB/zoNCP///////////wEQAEILCICx74YHEICU7zpKBwoF"
        + "MTUwMG1SCggBEAAaBGh0dHBaAWJaAGAAYKwCYP///////////wFqDgoFd2hlZWwSBQoDMkdpagYKBGJlbGxyBQoBYRIAegoKA2NwdRIDCgExggEGCgFrEgF2igEQCgZzY29wZXMSBgoBeAoBeZIB"
        + "EAoOeyJhIjpbMSxudWxsXX2aAQgKBAoCL2QSAKIBDAoGEgRkb3duGgJ1cKoBBwgBEgMKAXDCDAUKA2Zhcg==");

    public static readonly GroupVersionKind Kind = new("example.com", "v1", "Gadget");

    public static readonly Schema Schema = GadgetSchema();

    /// <summary>An envelope as Go writes it.</summary>
    public static byte[] Envelope(ReadOnlySpan<byte> message, string apiVersion = "example.com/v1", string kind = "Gadget")
    {
        var writer = new ArrayBufferWriter<byte>();
        ProtobufEnvelope.Write(writer, apiVersion, kind, message);
        return writer.WrittenSpan.ToArray();
    }

    public static JsonObject Decode(ReadOnlySpan<byte> message) => ProtobufDecoder.Decode(Envelope(message), Kind, Schema);

    /// <summary>The spec of an object whose spec is these bytes.</summary>
    public static JsonNode? DecodeSpec(params byte[] spec) => Decode([0x12, (byte)spec.Length, .. spec])["spec"];

    public static byte[] Encode(string json)
    {
        using var encoder = new ProtobufEncoder();
        return encoder.Encode(System.Text.Encoding.UTF8.GetBytes(json), Schema).ToArray();
    }

    private static Schema GadgetSchema()
    {
        var part = new Schema { Required = ["name"], Properties = { ["name"] = Text(1), ["weight"] = Of(SchemaType.Quantity, [2]) } };
        var path = new Schema { Properties = { ["path"] = Text(1) } };
        return new Schema
        {
            Properties =
            {
                ["apiVersion"] = new Schema { Type = SchemaType.String },
                ["kind"] = new Schema { Type = SchemaType.String },
                ["metadata"] = new Schema
                {
                    FieldPath = [1],
                    Properties =
                    {
                        ["name"] = Text(1),
                        ["namespace"] = Text(3),
                        ["resourceVersion"] = Text(6),
                        ["creationTimestamp"] = Of(SchemaType.String, [8], "date-time"),
                        ["labels"] = Map(11, Text(0)),
                    },
                },
                ["spec"] = new Schema
                {
                    FieldPath = [2],
                    Properties =
                    {
                        ["text"] = Text(1),
                        ["count"] = Of(SchemaType.Integer, [2], "int32"),
                        ["big"] = new Schema { Type = SchemaType.Integer, Format = "int64", FieldPath = [3], ExplicitPresence = true },
                        ["on"] = new Schema { Type = SchemaType.Boolean, FieldPath = [4], ExplicitPresence = true },
                        ["ratio"] = Of(SchemaType.Number, [5]),
                        ["data"] = Of(SchemaType.String, [6], "byte"),
                        ["when"] = Of(SchemaType.String, [7], "date-time"),
                        ["precise"] = Of(SchemaType.String, [8], "micro-time"),
                        ["amount"] = Of(SchemaType.Quantity, [9]),
                        ["port"] = Of(SchemaType.IntOrString, [10]),
                        ["names"] = List(11, Text(0)),
                        ["numbers"] = List(12, Of(SchemaType.Integer, [], "int32")),
                        ["parts"] = List(13, part),
                        ["labels"] = Map(14, Text(0)),
                        ["limits"] = Map(15, Of(SchemaType.Quantity, [])),
                        ["blobs"] = Map(16, Of(SchemaType.String, [], "byte")),
                        ["extra"] = Map(17, List(0, Text(0))),
                        ["raw"] = Of(SchemaType.Any, [18]),
                        ["disk"] = new Schema { FieldPath = [19, 1], Properties = path.Properties },
                        ["memory"] = new Schema { FieldPath = [19, 2] },
                        ["deep"] = new Schema { Type = SchemaType.String, FieldPath = [20, 1, 2] },
                        ["shallow"] = new Schema { Type = SchemaType.String, FieldPath = [20, 3] },
                        ["rule"] = new Schema
                        {
                            Type = SchemaType.Any,
                            FieldPath = [21],
                            Alternatives =
                            [
                                Of(SchemaType.Boolean, [1]),
                                new Schema { FieldPath = [2], Properties = part.Properties, Required = part.Required },
                            ],
                        },
                        ["far"] = new Schema { FieldPath = [200], Properties = path.Properties },
                    },
                },
            },
        };
    }

    private static Schema Text(int number) => Of(SchemaType.String, number == 0 ? [] : [number]);

    private static Schema Of(SchemaType type, int[] place, string format = "") => new() { Type = type, Format = format, FieldPath = place };

    private static Schema List(int number, Schema items) =>
        new() { Type = SchemaType.Array, Items = items, FieldPath = number == 0 ? [] : [number] };

    private static Schema Map(int number, Schema values) => new() { AdditionalProperties = values, FieldPath = [number] };
}
