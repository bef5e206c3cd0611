using System.Buffers;
using System.Buffers.Binary;

namespace Modular.ApiMachinery;

/// <summary>
/// Watch events in protobuf: four bytes that tell the length, then a <c>meta.v1.WatchEvent</c> without envelope, whose object is a
/// RawExtension around the object with its own.
/// </summary>
public static class ProtobufWatchEvent
{
    /// <summary>Writes one event.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="type">ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.</param>
    /// <param name="apiVersion">The object's.</param>
    /// <param name="kind">The object's.</param>
    /// <param name="message">The object's message.</param>
    public static void Write(IBufferWriter<byte> writer, ReadOnlySpan<byte> type, string apiVersion, string kind, ReadOnlySpan<byte> message)
    {
        var enveloped = ProtobufEnvelope.SizeOf(apiVersion, kind, message.Length);
        var extension = 1 + ProtobufEnvelope.Sized(enveloped);
        var size = 1 + ProtobufEnvelope.Sized(type.Length) + 1 + ProtobufEnvelope.Sized(extension);
        var head = writer.GetSpan(sizeof(uint) + type.Length + 3 + (3 * Wire.LongestVarint));
        BinaryPrimitives.WriteUInt32BigEndian(head, checked((uint)size));
        var at = sizeof(uint);
        head[at++] = 0x0a;
        at += Wire.WriteVarint(head[at..], (ulong)type.Length);
        type.CopyTo(head[at..]);
        at += type.Length;
        head[at++] = 0x12;
        at += Wire.WriteVarint(head[at..], (ulong)extension);
        head[at++] = 0x0a;
        at += Wire.WriteVarint(head[at..], (ulong)enveloped);
        writer.Advance(at);
        ProtobufEnvelope.Write(writer, apiVersion, kind, message);
    }
}
