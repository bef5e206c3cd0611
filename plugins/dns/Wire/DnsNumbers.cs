namespace Modular.Plugins.Dns.Wire;

/// <summary>The record types this server deals with (RFC 1035, 2782, 3596, 6891).</summary>
internal static class RecordType
{
    public const ushort A = 1;
    public const ushort NS = 2;
    public const ushort CName = 5;
    public const ushort Soa = 6;
    public const ushort Ptr = 12;
    public const ushort Mx = 15;
    public const ushort Txt = 16;
    public const ushort Aaaa = 28;
    public const ushort Srv = 33;
    public const ushort Opt = 41;
    public const ushort FirstTransfer = 249;
    public const ushort LastTransfer = 254;
    public const ushort Any = 255;
}

/// <summary>The classes of records.</summary>
internal static class RecordClass
{
    public const ushort Internet = 1;
    public const ushort Any = 255;
}

/// <summary>What an answer says about itself.</summary>
internal enum ResponseCode
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,

    /// <summary>Needs an OPT record, which holds its upper bits.</summary>
    BadVersion = 16,
}

/// <summary>Sizes and bits of a message's header.</summary>
internal static class MessageHeader
{
    public const int Size = 12;
    public const int QuestionTail = 4;
    public const int RecordTail = 10;
    public const int OptSize = 11;

    /// <summary>What every client takes over UDP.</summary>
    public const int SmallestPayload = 512;

    /// <summary>What passes through every usual network in one piece.</summary>
    public const int LargestPayload = 1232;

    public const int LargestMessage = ushort.MaxValue;

    public const ushort Response = 0x8000;
    public const ushort OpcodeMask = 0x7800;
    public const ushort Authoritative = 0x0400;
    public const ushort Truncated = 0x0200;
    public const ushort RecursionDesired = 0x0100;
    public const ushort RecursionAvailable = 0x0080;
    public const ushort AuthenticData = 0x0020;
    public const ushort CheckingDisabled = 0x0010;
    public const ushort CodeMask = 0x000F;

    /// <summary>A name that points to the question's.</summary>
    public const ushort QuestionPointer = 0xC000 | Size;

    /// <summary>The bit in an OPT record's flags with which a client asks for signatures.</summary>
    public const ushort DnssecOk = 0x8000;
}
