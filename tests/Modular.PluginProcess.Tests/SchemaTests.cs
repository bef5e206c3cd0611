using System.Text;
using Modular.ApiMachinery;
using Modular.PluginProcess.Contracts;

namespace Modular.PluginProcess.Tests;

/// <summary>Schemas on their way to another process.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void A_kind_speaks_protobuf_on_the_other_side_too()
    {
        var here = Build();
        var messages = new SchemaMessages();
        var place = messages.PlaceOf(here);
        var there = new SchemaReader([.. messages.Write()]).Use(place);

        Assert.True(ProtobufFormat.Speaks(here));
        Assert.True(ProtobufFormat.Speaks(there));
        const string Json = """{"count":0,"disk":{"path":"/d"},"rule":{"count":3,"rule":true},"rules":[{"rule":[{"count":1}]}]}""";
        using var encoder = new ProtobufEncoder();
        var message = encoder.Encode(Encoding.UTF8.GetBytes(Json), here).ToArray();
        Assert.Equal(message, encoder.Encode(Encoding.UTF8.GetBytes(Json), there).ToArray());

        var envelope = new System.Buffers.ArrayBufferWriter<byte>();
        ProtobufEnvelope.Write(envelope, "v1", "Widget", message);
        var decoded = ProtobufDecoder.Decode(envelope.WrittenSpan, new GroupVersionKind("", "v1", "Widget"), there);
        Assert.Equal(
            """{"apiVersion":"v1","kind":"Widget","count":0,"disk":{"path":"/d"},"rule":{"count":3,"rule":true},"rules":[{"rule":[{"count":1}]}]}""",
            decoded.ToJsonString());
    }

    /// <summary>A kind with a field whose zero counts, one in a message that JSON shows flat, and a union around the kind itself.</summary>
    private static Schema Build()
    {
        var kind = new Schema { Name = "org.example.Widget" };
        Schema Itself(params int[] path) => new() { Name = kind.Name, Properties = kind.Properties, FieldPath = path };
        kind.Properties["count"] = new Schema { Type = SchemaType.Integer, Format = "int32", FieldPath = [1], ExplicitPresence = true };
        kind.Properties["disk"] = new Schema
        {
            FieldPath = [2, 3],
            Properties = { ["path"] = new Schema { Type = SchemaType.String, FieldPath = [1] } },
        };
        kind.Properties["rule"] = new Schema
        {
            Type = SchemaType.Any,
            FieldPath = [4],
            Alternatives =
            [
                new Schema { Type = SchemaType.Boolean, FieldPath = [1] }, Itself(2), new Schema { Type = SchemaType.Array, Items = Itself(), FieldPath = [3] },
            ],
        };
        kind.Properties["rules"] = new Schema { Type = SchemaType.Array, Items = Itself(), FieldPath = [5] };
        return kind;
    }
}
