using System.Buffers.Binary;

namespace Modular.Plugins.NodeAgent.PortForward.Spdy;

/// <summary>The control frames of SPDY/3.1.</summary>
internal enum SpdyFrameType
{
    SynStream = 1,
    SynReply = 2,
    RstStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    Headers = 8,
    WindowUpdate = 9,
}

/// <summary>Why a stream is reset.</summary>
internal enum SpdyReset
{
    ProtocolError = 1,
    RefusedStream = 3,
}

/// <summary>The first eight bytes of a frame: data for a stream, or control.</summary>
internal readonly record struct SpdyFrame(bool IsControl, SpdyFrameType Type, uint StreamId, byte Flags, int Length)
{
    public const int HeaderSize = 8;
    public const byte Finish = 1;
    public const byte Unidirectional = 2;
    public const uint StreamIdMask = 0x7FFF_FFFF;

    private const ushort Version = 3;
    private const ushort ControlBit = 0x8000;

    public bool Finishes => (Flags & Finish) != 0;

    /// <exception cref="SpdyException">It is of another version.</exception>
    public static SpdyFrame Read(ReadOnlySpan<byte> bytes)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var second = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        var (flags, length) = ((byte)(second >> 24), (int)(second & 0x00FF_FFFF));
        if (first >> 31 == 0)
        {
            return new SpdyFrame(false, default, first, flags, length);
        }

        var version = (first >> 16) & 0x7FFF;
        return version == Version
            ? new SpdyFrame(true, (SpdyFrameType)(first & 0xFFFF), 0, flags, length)
            : throw new SpdyException($"version {version} of SPDY is not spoken");
    }

    public static void WriteControl(Span<byte> bytes, SpdyFrameType type, byte flags, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, ControlBit | Version);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], ((uint)flags << 24) | (uint)length);
    }

    public static void WriteData(Span<byte> bytes, uint streamId, byte flags, int length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, streamId);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], ((uint)flags << 24) | (uint)length);
    }
}
