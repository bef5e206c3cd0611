using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Modular.ApiMachinery;

/// <summary>What stands around a message so that readers know what it is: four bytes of magic and a <c>runtime.Unknown</c>.</summary>
public readonly ref struct ProtobufEnvelope
{
    // Two empty fields: content encoding and content type.
    private static ReadOnlySpan<byte> Tail => [0x1a, 0, 0x22, 0];

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>What the message is; empty if its sender did not say.</summary>
    public string ApiVersion { get; private init; }

    /// <summary>What the message is; empty if its sender did not say.</summary>
    public string Kind { get; private init; }

    /// <summary>The message.</summary>
    public ReadOnlySpan<byte> Message { get; private init; }

    /// <summary>Opens an envelope.</summary>
    /// <exception cref="ApiException">BadRequest: it is none, or it holds something else than protobuf.</exception>
    public static ProtobufEnvelope Open(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
        {
            throw WireReader.Malformed(body.IsEmpty ? "the request body is empty" : "the request body does not begin with the bytes 6b 38 73 00 (k8s and a zero)");
        }

        var reader = new WireReader(body[Magic.Length..]);
        string apiVersion = "", kind = "";
        var message = ReadOnlySpan<byte>.Empty;
        while (!reader.AtEnd)
        {
            var number = reader.ReadTag(out var type);
            if (number is < 1 or > 4)
            {
                reader.Skip(type);
                continue;
            }

            if (type != WireType.Length)
            {
                throw WireReader.Malformed($"field {number} of the envelope has wire type {(int)type}, not 2");
            }

            var value = reader.ReadBytes();
            switch (number)
            {
                case 1:
                    ReadType(value, ref apiVersion, ref kind);
                    break;
                case 2:
                    message = value;
                    break;
                case 3 when !value.IsEmpty:
                    throw WireReader.Malformed("contentEncoding of the envelope must be empty");
                case 4 when !value.IsEmpty && !value.SequenceEqual("application/vnd.kubernetes.protobuf"u8):
                    throw WireReader.Malformed($"contentType of the envelope must be empty or {ProtobufFormat.MediaType}");
            }
        }

        return new ProtobufEnvelope { ApiVersion = apiVersion, Kind = kind, Message = message };
    }

    /// <summary>Writes a message and its envelope.</summary>
    public static void Write(IBufferWriter<byte> writer, string apiVersion, string kind, ReadOnlySpan<byte> message)
    {
        WriteHead(writer, apiVersion, kind, message.Length);
        writer.Write(message);
        WriteTail(writer);
    }

    /// <summary>How long a message of a length is with its envelope.</summary>
    internal static long SizeOf(string apiVersion, string kind, long length) =>
        Magic.Length + 1 + Sized(TypeSize(apiVersion, kind)) + 1 + Sized(length) + Tail.Length;

    internal static void WriteHead(IBufferWriter<byte> writer, string apiVersion, string kind, long length)
    {
        var typeSize = TypeSize(apiVersion, kind);
        var head = writer.GetSpan(Magic.Length + typeSize + (4 * (1 + Wire.LongestVarint)));
        Magic.CopyTo(head);
        var at = Magic.Length;
        head[at++] = 0x0a;
        at += Wire.WriteVarint(head[at..], (ulong)typeSize);
        at += WriteText(head[at..], 0x0a, apiVersion);
        at += WriteText(head[at..], 0x12, kind);
        head[at++] = 0x12;
        at += Wire.WriteVarint(head[at..], (ulong)length);
        writer.Advance(at);
    }

    internal static void WriteTail(IBufferWriter<byte> writer) => writer.Write(Tail);

    /// <summary>A length with the varint before it.</summary>
    internal static long Sized(long length) => Wire.VarintSize((ulong)length) + length;

    private static int TypeSize(string apiVersion, string kind) =>
        (int)(2 + Sized(Encoding.UTF8.GetByteCount(apiVersion)) + Sized(Encoding.UTF8.GetByteCount(kind)));

    private static int WriteText(Span<byte> target, byte tag, string text)
    {
        target[0] = tag;
        var at = 1 + Wire.WriteVarint(target[1..], (ulong)Encoding.UTF8.GetByteCount(text));
        return at + Encoding.UTF8.GetBytes(text, target[at..]);
    }

    private static void ReadType(ReadOnlySpan<byte> type, ref string apiVersion, ref string kind)
    {
        var reader = new WireReader(type);
        while (!reader.AtEnd)
        {
            var number = reader.ReadTag(out var wireType);
            if (number is not (1 or 2) || wireType != WireType.Length)
            {
                reader.Skip(wireType);
                continue;
            }

            var text = reader.ReadBytes();
            if (!Utf8.IsValid(text))
            {
                throw WireReader.Malformed("the envelope's type is not valid UTF-8");
            }

            if (number == 1)
            {
                apiVersion = Encoding.UTF8.GetString(text);
            }
            else
            {
                kind = Encoding.UTF8.GetString(text);
            }
        }
    }
}
