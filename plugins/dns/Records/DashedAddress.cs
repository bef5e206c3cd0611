using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Modular.Plugins.Dns.Records;

/// <summary>Addresses written as a label: <c>10-244-0-7</c>.</summary>
internal static class DashedAddress
{
    private const int LongestText = 39;

    private static readonly SearchValues<byte> LongDigits = SearchValues.Create("0123456789abcdef-"u8);

    public static string Write(IPAddress address) => address.ToString().Replace('.', '-').Replace(':', '-');

    /// <summary>Reads a label into the buffer of 16 bytes; the length says which kind of address it is. False if it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> label, Span<byte> address, out int length)
    {
        length = 4;
        var rest = label;
        for (var i = 0; i < length; i++)
        {
            var end = i < length - 1 ? rest.IndexOf((byte)'-') : rest.Length;
            if (end < 0 || !TryReadOctet(rest[..end], out address[i]))
            {
                return TryReadLong(label, address, out length);
            }

            rest = rest[Math.Min(end + 1, rest.Length)..];
        }

        return true;
    }

    public static bool TryReadOctet(ReadOnlySpan<byte> text, out byte value)
    {
        value = 0;
        var number = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (number * 10) + digit - '0';
        }

        value = (byte)number;
        return text.Length is > 0 and <= 3 && number <= byte.MaxValue && (text.Length == 1 || text[0] != '0');
    }

    private static bool TryReadLong(ReadOnlySpan<byte> label, Span<byte> address, out int length)
    {
        length = 16;
        if (label.Length > LongestText || label.ContainsAnyExcept(LongDigits))
        {
            return false;
        }

        Span<char> text = stackalloc char[LongestText];
        Encoding.ASCII.GetChars(label, text);
        text.Replace('-', ':');
        return IPAddress.TryParse(text[..label.Length], out var parsed)
            && parsed.AddressFamily == AddressFamily.InterNetworkV6 && parsed.TryWriteBytes(address, out _);
    }
}
