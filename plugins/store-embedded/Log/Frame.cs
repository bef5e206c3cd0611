using System.Buffers.Binary;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>
/// One write to the log: the commits of a batch under one checksum. The next frame is written only after this one is on disk, so a frame
/// that is torn can only be the last, and a bad frame with a good one behind it is damage.
/// </summary>
/// <remarks>
/// Little-endian: payload length (4), CRC-32C of all that follows (4), the segment's stamp (16), first revision (8), number of commits (4),
/// payload.
/// </remarks>
internal static class Frame
{
    public const int HeaderSize = 36;
    public const int StampOffset = 8;
    private const int RevisionOffset = StampOffset + SegmentStamp.Size;

    /// <summary>Fills the header of a frame whose payload is already behind it.</summary>
    public static void Seal(Span<byte> frame, SegmentStamp stamp, long firstRevision, int commits)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - HeaderSize);
        stamp.Write(frame[StampOffset..]);
        BinaryPrimitives.WriteInt64LittleEndian(frame[RevisionOffset..], firstRevision);
        BinaryPrimitives.WriteInt32LittleEndian(frame[(RevisionOffset + 8)..], commits);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Crc32C.Of(frame[StampOffset..]));
    }

    /// <summary>The size of the frame that the header announces; 0 if it is no frame of this segment.</summary>
    public static long SizeOf(ReadOnlySpan<byte> header, SegmentStamp stamp)
    {
        if (header.Length < HeaderSize || SegmentStamp.Read(header[StampOffset..]) != stamp)
        {
            return 0;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        return length > 0 ? HeaderSize + (long)length : 0;
    }

    /// <summary>Whether the bytes are as they were sealed.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> frame) =>
        BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]) == Crc32C.Of(frame[StampOffset..]);

    /// <summary>Reads the header of an intact frame.</summary>
    public static (long FirstRevision, int Commits) Read(ReadOnlySpan<byte> frame) =>
        (BinaryPrimitives.ReadInt64LittleEndian(frame[RevisionOffset..]), BinaryPrimitives.ReadInt32LittleEndian(frame[(RevisionOffset + 8)..]));
}
