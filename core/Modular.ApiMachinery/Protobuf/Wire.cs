using System.Numerics;

namespace Modular.ApiMachinery;

/// <summary>The arithmetic of tags and varints.</summary>
internal static class Wire
{
    public const int LongestVarint = 10;

    public static uint Tag(int number, WireType type) => ((uint)number << 3) | (uint)type;

    public static int VarintSize(ulong value) => value == 0 ? 1 : (BitOperations.Log2(value) / 7) + 1;

    /// <summary>Writes a varint; answers its size.</summary>
    public static int WriteVarint(Span<byte> target, ulong value)
    {
        var at = 0;
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
        return at;
    }
}
