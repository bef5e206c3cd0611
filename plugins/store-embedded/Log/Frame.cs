using System.Buffers.Binary;
using System.Numerics;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>
/// One write to the log: the commits of a batch under one checksum. The next frame is written only after this one is on disk, so a frame
/// that is torn can only be the last, and a bad frame with good ones behind it is damage.
/// </summary>
/// <remarks>
/// Little-endian: payload length (4), CRC-32C of all that follows (4), generation of the segment (8), first revision (8), number of commits
/// (4), payload. A segment that is used again has a new generation, so its old frames never count.
/// </remarks>
internal static class Frame
{
    public const int HeaderSize = 28;
    public const int GenerationOffset = 8;

    /// <summary>Fills the header of a frame whose payload is already behind it.</summary>
    public static void Seal(Span<byte> frame, long generation, long firstRevision, int commits)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - HeaderSize);
        BinaryPrimitives.WriteInt64LittleEndian(frame[GenerationOffset..], generation);
        BinaryPrimitives.WriteInt64LittleEndian(frame[16..], firstRevision);
        BinaryPrimitives.WriteInt32LittleEndian(frame[24..], commits);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum(frame[GenerationOffset..]));
    }

    /// <summary>Reads the frame at the beginning of the bytes, if there is a whole and undamaged one of this generation.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, long generation, out long firstRevision, out int commits, out ReadOnlySpan<byte> payload)
    {
        firstRevision = 0;
        commits = 0;
        payload = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length <= 0 || length > bytes.Length - HeaderSize
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[GenerationOffset..]) != generation
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Checksum(bytes[GenerationOffset..(HeaderSize + length)]))
        {
            return false;
        }

        firstRevision = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        commits = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
        payload = bytes.Slice(HeaderSize, length);
        return true;
    }

    /// <summary>CRC-32C (Castagnoli), with the processor's own instruction where it has one.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
