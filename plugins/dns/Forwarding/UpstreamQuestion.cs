using System.Buffers.Binary;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Forwarding;

/// <summary>
/// What is asked of another server, as a key: the name in lower case, and behind it all that the answer depends on.
/// </summary>
internal sealed class UpstreamQuestion(byte[] key)
{
    /// <summary>The longest key.</summary>
    public const int MaxKeyLength = WireName.MaxLength + Tail;

    private const int Tail = 5;
    private const byte DnssecOkBit = 1;
    private const byte CheckingDisabledBit = 2;

    public byte[] Key { get; } = key;

    public ReadOnlySpan<byte> Name => Key.AsSpan(0, Key.Length - Tail);

    public ushort Type => BinaryPrimitives.ReadUInt16BigEndian(Key.AsSpan(Key.Length - Tail));

    public ushort Class => BinaryPrimitives.ReadUInt16BigEndian(Key.AsSpan(Key.Length - Tail + 2));

    private bool DnssecOk => (Key[^1] & DnssecOkBit) != 0;

    private bool CheckingDisabled => (Key[^1] & CheckingDisabledBit) != 0;

    /// <summary>Where the question ends in a message.</summary>
    public int End => MessageHeader.Size + Name.Length + MessageHeader.QuestionTail;

    /// <summary>Writes the key of a client's question, asked for a name that may be another than the client's. Answers its length.</summary>
    public static int WriteKey(in DnsQuery query, ReadOnlySpan<byte> name, Span<byte> key)
    {
        name.CopyTo(key);
        var tail = key[name.Length..];
        BinaryPrimitives.WriteUInt16BigEndian(tail, query.Type);
        BinaryPrimitives.WriteUInt16BigEndian(tail[2..], query.Class);
        tail[4] = (byte)((query.DnssecOk ? DnssecOkBit : 0)
            | ((query.Flags & MessageHeader.CheckingDisabled) != 0 ? CheckingDisabledBit : 0));
        return name.Length + Tail;
    }

    /// <summary>Writes the message that asks it. Answers its length.</summary>
    public int WriteMessage(Span<byte> buffer, ushort id)
    {
        var length = End + MessageHeader.OptSize;
        buffer[..length].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer, id);
        BinaryPrimitives.WriteUInt16BigEndian(
            buffer[2..], (ushort)(MessageHeader.RecursionDesired | (CheckingDisabled ? MessageHeader.CheckingDisabled : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[4..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[10..], 1);
        Key.AsSpan(0, Key.Length - 1).CopyTo(buffer[MessageHeader.Size..]);
        var opt = buffer[End..];
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], RecordType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], MessageHeader.LargestPayload);
        BinaryPrimitives.WriteUInt16BigEndian(opt[7..], DnssecOk ? MessageHeader.DnssecOk : (ushort)0);
        return length;
    }
}
