using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>
/// What every frame of a segment carries: the segment's generation, so that frames of an earlier use of the file never count, and a random
/// number, so that no stored value can pass for a frame.
/// </summary>
internal readonly record struct SegmentStamp(long Generation, long Salt)
{
    public const int Size = 16;

    public static SegmentStamp New(long generation)
    {
        Span<byte> salt = stackalloc byte[8];
        RandomNumberGenerator.Fill(salt);
        return new(generation, BinaryPrimitives.ReadInt64LittleEndian(salt));
    }

    public static SegmentStamp Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[8..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, Generation);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Salt);
    }
}
