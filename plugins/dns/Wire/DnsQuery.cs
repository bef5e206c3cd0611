using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Modular.Plugins.Dns.Wire;

/// <summary>What is to be done with a message that came in.</summary>
internal enum QueryReading
{
    /// <summary>It is a question.</summary>
    Question,

    /// <summary>Nobody is to answer it.</summary>
    Nothing,

    /// <summary>It is not to be understood.</summary>
    Malformed,

    /// <summary>It asks for something else than an answer to a question.</summary>
    OtherOperation,
}

/// <summary>Where the labels of a name begin, counted from the name's first byte.</summary>
[InlineArray(WireName.MaxLabels)]
internal struct LabelOffsets
{
    private byte _first;
}

/// <summary>A question, read without a copy. What it reads from anybody is never trusted: every length is checked.</summary>
internal ref struct DnsQuery
{
    private LabelOffsets _labels;

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Message { get; private set; }

    /// <summary>The name in lower case.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>How many labels the name has; 0 for the root.</summary>
    public int LabelCount { get; private set; }

    public ushort Id { get; private set; }

    public ushort Flags { get; private set; }

    public ushort Type { get; private set; }

    public ushort Class { get; private set; }

    /// <summary>True if the client speaks EDNS.</summary>
    public bool HasEdns { get; private set; }

    public byte EdnsVersion { get; private set; }

    /// <summary>What the client takes over UDP.</summary>
    public int PayloadSize { get; private set; }

    /// <summary>The client understands signatures.</summary>
    public bool DnssecOk { get; private set; }

    /// <summary>Where the question ends in the message.</summary>
    public readonly int QuestionEnd => MessageHeader.Size + Name.Length + MessageHeader.QuestionTail;

    /// <summary>Where a label begins in the name; the one after the last is the root.</summary>
    public readonly int LabelOffset(int label) => label < LabelCount ? _labels[label] : Name.Length - 1;

    /// <summary>A label's text.</summary>
    public readonly ReadOnlySpan<byte> Label(int label)
    {
        var at = LabelOffset(label);
        return Name.Slice(at + 1, Name[at]);
    }

    /// <summary>Reads a message; the name goes to the buffer, which the question then refers to.</summary>
    public static QueryReading Read(ReadOnlySpan<byte> message, Span<byte> nameBuffer, out DnsQuery query)
    {
        query = default;
        query.Message = message;
        query.PayloadSize = MessageHeader.SmallestPayload;
        if (message.Length < MessageHeader.Size)
        {
            return QueryReading.Nothing;
        }

        query.Id = BinaryPrimitives.ReadUInt16BigEndian(message);
        query.Flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if ((query.Flags & MessageHeader.Response) != 0)
        {
            return QueryReading.Nothing;
        }

        if ((query.Flags & MessageHeader.OpcodeMask) != 0)
        {
            return QueryReading.OtherOperation;
        }

        return BinaryPrimitives.ReadUInt16BigEndian(message[4..]) == 1 && query.TryReadQuestion(nameBuffer) && query.TryReadRecords()
            ? QueryReading.Question
            : QueryReading.Malformed;
    }

    private bool TryReadQuestion(Span<byte> nameBuffer)
    {
        var rest = Message[MessageHeader.Size..];
        var at = 0;
        while (true)
        {
            // A pointer has nothing to point to in the first name of a message.
            if (at >= rest.Length || at >= WireName.MaxLength || rest[at] > WireName.MaxLabelLength)
            {
                return false;
            }

            var length = rest[at];
            if (length == 0)
            {
                break;
            }

            if (LabelCount == WireName.MaxLabels)
            {
                return false;
            }

            _labels[LabelCount++] = (byte)at;
            at += 1 + length;
        }

        if (rest.Length < at + 1 + MessageHeader.QuestionTail)
        {
            return false;
        }

        // Lengths are below the letters, so that the whole name can be lowered at once.
        for (var i = 0; i <= at; i++)
        {
            nameBuffer[i] = WireName.Lower(rest[i]);
        }

        Name = nameBuffer[..(at + 1)];
        Type = BinaryPrimitives.ReadUInt16BigEndian(rest[(at + 1)..]);
        Class = BinaryPrimitives.ReadUInt16BigEndian(rest[(at + 3)..]);
        return true;
    }

    /// <summary>Looks for the OPT record behind the question; other records are stepped over.</summary>
    private bool TryReadRecords()
    {
        var others = BinaryPrimitives.ReadUInt16BigEndian(Message[6..]) + BinaryPrimitives.ReadUInt16BigEndian(Message[8..]);
        var additional = BinaryPrimitives.ReadUInt16BigEndian(Message[10..]);
        var at = QuestionEnd;
        for (var i = 0; i < others + additional; i++)
        {
            var start = at;
            if (!WireName.TrySkip(Message, ref at) || at + MessageHeader.RecordTail > Message.Length)
            {
                return false;
            }

            var tail = Message[at..];
            var type = BinaryPrimitives.ReadUInt16BigEndian(tail);
            at += MessageHeader.RecordTail + BinaryPrimitives.ReadUInt16BigEndian(tail[8..]);
            if (at > Message.Length)
            {
                return false;
            }

            if (type != RecordType.Opt)
            {
                continue;
            }

            if (HasEdns || i < others || Message[start] != 0)
            {
                return false;
            }

            HasEdns = true;
            PayloadSize = Math.Max(MessageHeader.SmallestPayload, (int)BinaryPrimitives.ReadUInt16BigEndian(tail[2..]));
            EdnsVersion = tail[5];
            DnssecOk = (BinaryPrimitives.ReadUInt16BigEndian(tail[6..]) & MessageHeader.DnssecOk) != 0;
        }

        return true;
    }
}
