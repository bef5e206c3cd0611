using System.Text;

namespace Modular.ApiFuzzer;

/// <summary>Changes bytes without knowing what they mean.</summary>
internal static class ByteMutation
{
    private static readonly byte[][] Pieces =
    [
        [0], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0xfe, 0xff, 0, (byte)'{'],
        "\\ud800"u8.ToArray(), "\\u0000"u8.ToArray(), "\\x"u8.ToArray(), "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), "]"u8.ToArray(), "\""u8.ToArray(), ","u8.ToArray(),
        ":"u8.ToArray(), "\n"u8.ToArray(), "\t"u8.ToArray(), "NaN"u8.ToArray(), "1e999999"u8.ToArray(), "//"u8.ToArray(), "#"u8.ToArray(), "---\n"u8.ToArray(), "&a "u8.ToArray(),
        "*a"u8.ToArray(), "!!binary "u8.ToArray(), "? "u8.ToArray(), "- "u8.ToArray(), "|\n "u8.ToArray(), "<<: "u8.ToArray(), "%TAG ! a\n"u8.ToArray(), "\"a\":1,\"a\":2,"u8.ToArray(),
    ];

    /// <summary>Other bytes, a little longer or shorter.</summary>
    public static byte[] Mutate(byte[] bytes, Dice dice)
    {
        var at = dice.Next(bytes.Length + 1);
        switch (dice.Next(6))
        {
            case 0:
                return bytes[..at];
            case 1:
                return bytes[at..];
            case 2 when bytes.Length > 0:
                var flipped = (byte[])bytes.Clone();
                flipped[dice.Next(bytes.Length)] ^= (byte)(1 << dice.Next(8));
                return flipped;
            case 3 when bytes.Length > 0:
                var replaced = (byte[])bytes.Clone();
                replaced[dice.Next(bytes.Length)] = dice.Bytes(1)[0];
                return replaced;
            case 4:
                var end = Math.Min(bytes.Length, at + dice.Next(20));
                return [.. bytes[..end], .. bytes[at..]];
            default:
                return [.. bytes[..at], .. dice.Pick(Pieces), .. bytes[at..]];
        }
    }

    /// <summary>Brackets, far deeper than anybody needs.</summary>
    public static byte[] Deep(Dice dice)
    {
        var depth = dice.Pick(200, 249, 250, 251, 300, 5_000, 100_000);
        var (open, close) = dice.Pick(("[", "]"), ("{\"a\":", "}"), ("{\"metadata\":", "}"), ("- ", ""));
        var text = new StringBuilder();
        text.Insert(0, open, depth).Append('1');
        return Encoding.UTF8.GetBytes(dice.Chance(80) ? text.Insert(text.Length, close, depth).ToString() : text.ToString());
    }
}
