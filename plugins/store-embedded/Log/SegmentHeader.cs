using System.Buffers.Binary;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>The first bytes of a segment: magic (8), stamp (16), CRC-32C of both (4), four zeroes.</summary>
internal static class SegmentHeader
{
    public const int Size = 32;
    private const int ChecksumOffset = 8 + SegmentStamp.Size;

    private static ReadOnlySpan<byte> Magic => "MODLOG01"u8;

    public static void Write(Span<byte> target, SegmentStamp stamp)
    {
        target[..Size].Clear();
        Magic.CopyTo(target);
        stamp.Write(target[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumOffset..], Crc32C.Of(target[..ChecksumOffset]));
    }

    /// <summary>Reads a header; false if it is not one of this generation.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, long generation, out SegmentStamp stamp)
    {
        stamp = default;
        if (source.Length < Size || !source.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]) != Crc32C.Of(source[..ChecksumOffset]))
        {
            return false;
        }

        stamp = SegmentStamp.Read(source[8..]);
        return stamp.Generation == generation;
    }
}
