using System.Buffers;
using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Modular.ApiServer.Tests;

/// <summary>A kind that speaks protobuf, and how a client reads and writes it.</summary>
internal static class Gadgets
{
    public const string Protobuf = "application/vnd.kubernetes.protobuf";

    public static readonly GroupVersionKind Kind = new("example.com", "v1", "Gadget");
    public static readonly GroupVersionKind BindingKind = new("example.com", "v1", "Binding");

    private static readonly Schema Metadata = new()
    {
        FieldPath = [1],
        Properties =
        {
            ["name"] = Text(1),
            ["namespace"] = Text(3),
            ["resourceVersion"] = Text(6),
            ["annotations"] = new Schema { FieldPath = [12], AdditionalProperties = Text(0) },
        },
    };

    public static readonly Schema Binding = Object(("metadata", Metadata), ("node", Text(2)));

    public static readonly ResourceDefinition Definition = new()
    {
        Resource = new GroupVersionResource("example.com", "v1", "gadgets"),
        Kind = Kind,
        Singular = "gadget",
        Namespaced = true,
        Schema = Object(("metadata", Metadata), ("spec", new Schema { FieldPath = [2], Properties = { ["color"] = Text(1) } })),
        Subresources =
        [
            new Subresource { Name = "status", Type = SubresourceType.Status, Kind = Kind },
            new Subresource { Name = "binding", Type = SubresourceType.Action, Kind = BindingKind, Schema = Binding, Verbs = ["create"] },
            new Subresource { Name = "anything", Type = SubresourceType.Action, Kind = new("example.com", "v1", "Anything"), Verbs = ["create"] },
        ],
    };

    public static readonly Schema List = new()
    {
        Properties =
        {
            ["metadata"] = new Schema { FieldPath = [1], Properties = MetaMessages.Status.Properties["metadata"].Properties },
            ["items"] = new Schema { Type = SchemaType.Array, FieldPath = [2], Items = Definition.Schema },
        },
    };

    public static ApiObject Make(string name, long revision, string color = "red") => new(
        Kind,
        ObjectEncoding.Encode(new JsonObject
        {
            ["apiVersion"] = "example.com/v1",
            ["kind"] = "Gadget",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["color"] = color },
        }),
        revision);

    /// <summary>What a client sends.</summary>
    public static byte[] Encode(string kind, Schema schema, string json, string apiVersion = "example.com/v1")
    {
        using var encoder = new ProtobufEncoder();
        var writer = new ArrayBufferWriter<byte>();
        ProtobufEnvelope.Write(writer, apiVersion, kind, encoder.Encode(System.Text.Encoding.UTF8.GetBytes(json), schema));
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>What a client reads: it knows the types by the envelope.</summary>
    public static JsonObject Decode(ReadOnlySpan<byte> body)
    {
        var kind = ProtobufEnvelope.Open(body).Kind;
        var schema = kind switch
        {
            "Gadget" => Definition.Schema,
            "Status" => MetaMessages.Status,
            "PartialObjectMetadata" => MetaMessages.MetadataOf(Definition.Schema),
            _ => List,
        };
        return ProtobufDecoder.Decode(body, new GroupVersionKind("", "", kind), schema);
    }

    /// <summary>Sends a request and reads the answer by its type.</summary>
    public static async Task<(int Code, string ContentType, JsonObject Object)> SendAsync(
        TestServer server, string method, string path, string accept, byte[]? body = null, string contentType = Protobuf)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };
        }

        using var response = await server.Client.SendAsync(request, TestServer.Cancel);
        var answer = await response.Content.ReadAsByteArrayAsync(TestServer.Cancel);
        var type = response.Content.Headers.ContentType!.ToString();
        return ((int)response.StatusCode, type, type == Protobuf ? Decode(answer) : JsonNode.Parse(answer)!.AsObject());
    }

    /// <summary>Reads the next event of a watch; null at its end.</summary>
    public static async Task<(string Type, JsonObject Object)?> ReadEventAsync(Stream stream)
    {
        var head = new byte[4];
        if (await stream.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, TestServer.Cancel) < 4)
        {
            return null;
        }

        var frame = new byte[BinaryPrimitives.ReadUInt32BigEndian(head)];
        await stream.ReadExactlyAsync(frame, TestServer.Cancel);
        // Field 1 is the type, field 2 a RawExtension whose field 1 is the object.
        var type = System.Text.Encoding.UTF8.GetString(frame, 2, frame[1]);
        var at = 2 + frame[1];
        Assert.Equal(0x12, frame[at]);
        at += 1 + VarintSize(frame.AsSpan(at + 1));
        Assert.Equal(0x0a, frame[at]);
        at += 1 + VarintSize(frame.AsSpan(at + 1));
        return (type, Decode(frame.AsSpan(at)));
    }

    private static int VarintSize(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyInRange((byte)0, (byte)0x7f) + 1;

    private static Schema Object(params (string Name, Schema Schema)[] fields)
    {
        var schema = new Schema { Properties = { ["apiVersion"] = Text(0), ["kind"] = Text(0) } };
        foreach (var (name, field) in fields)
        {
            schema.Properties.Add(name, field);
        }

        return schema;
    }

    private static Schema Text(int number) => new() { Type = SchemaType.String, FieldPath = number == 0 ? [] : [number] };
}
