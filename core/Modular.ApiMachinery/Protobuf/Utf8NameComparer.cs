using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Modular.ApiMachinery;

/// <summary>Finds names by their bytes, without making strings of them.</summary>
internal sealed class Utf8NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static Utf8NameComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    // Length, beginning and end tell the names of a schema apart; nobody else chooses names to collide.
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var length = alternate.Length;
        var (first, last) = length switch
        {
            >= 8 => (BinaryPrimitives.ReadUInt64LittleEndian(alternate), BinaryPrimitives.ReadUInt64LittleEndian(alternate[^8..])),
            >= 4 => (BinaryPrimitives.ReadUInt32LittleEndian(alternate), BinaryPrimitives.ReadUInt32LittleEndian(alternate[^4..])),
            > 0 => ((ulong)alternate[0], ((ulong)alternate[length / 2] << 8) | alternate[^1]),
            _ => (0ul, 0ul),
        };
        var hash = ((first * 0x9e3779b97f4a7c15) ^ (last + (ulong)length)) * 0xff51afd7ed558ccd;
        return (int)(hash >> 32);
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
