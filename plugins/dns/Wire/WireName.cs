using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Modular.Plugins.Dns.Wire;

/// <summary>Names as messages hold them: labels with their lengths, ended by an empty one.</summary>
internal static class WireName
{
    public const int MaxLength = 255;
    public const int MaxLabelLength = 63;

    /// <summary>The most labels that fit a name, the last one not counted.</summary>
    public const int MaxLabels = 127;

    private const byte PointerBits = 0xC0;

    /// <summary>Writes a name with dots (a last one may be missing) in lower case.</summary>
    /// <exception cref="FormatException">It is no name.</exception>
    public static byte[] Encode(string name)
    {
        var text = name.EndsWith('.') ? name[..^1] : name;
        var wire = new byte[text.Length == 0 ? 1 : text.Length + 2];
        if (wire.Length > MaxLength || !Ascii.IsValid(text))
        {
            throw new FormatException($"\"{name}\" is not a DNS name");
        }

        var at = 0;
        foreach (var range in text.AsSpan().Split('.'))
        {
            var label = text.AsSpan(range);
            if (text.Length == 0)
            {
                break;
            }

            if (label.Length is 0 or > MaxLabelLength)
            {
                throw new FormatException($"\"{name}\" is not a DNS name");
            }

            wire[at++] = (byte)label.Length;
            foreach (var character in label)
            {
                wire[at++] = Lower((byte)character);
            }
        }

        return wire;
    }

    /// <summary>The name whose PTR record says who has an address.</summary>
    public static byte[] Reverse(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        var text = new StringBuilder();
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            _ = address.AddressFamily == AddressFamily.InterNetwork
                ? text.Append(bytes[i]).Append('.')
                : text.Append($"{bytes[i] & 0xF:x}.{bytes[i] >> 4:x}.");
        }

        return Encode(text.Append(address.AddressFamily == AddressFamily.InterNetwork ? "in-addr.arpa" : "ip6.arpa").ToString());
    }

    /// <summary>A label below a name.</summary>
    public static byte[] Below(ReadOnlySpan<byte> parent, string label) => [.. Encode(label).AsSpan()[..^1], .. parent];

    /// <summary>With dots, for people.</summary>
    public static string ToText(ReadOnlySpan<byte> wire)
    {
        var text = new StringBuilder();
        for (var at = 0; wire[at] != 0; at += 1 + wire[at])
        {
            text.Append(Encoding.Latin1.GetString(wire.Slice(at + 1, wire[at]))).Append('.');
        }

        return text.Length == 0 ? "." : text.ToString();
    }

    public static byte Lower(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;

    /// <summary>Steps over a name in a message. False if it is cut off or malformed.</summary>
    public static bool TrySkip(ReadOnlySpan<byte> message, ref int at)
    {
        while ((uint)at < (uint)message.Length)
        {
            var length = message[at];
            if (length == 0)
            {
                at++;
                return true;
            }

            if (length >= PointerBits)
            {
                at += 2;
                return at <= message.Length;
            }

            if (length > MaxLabelLength)
            {
                return false;
            }

            at += 1 + length;
        }

        return false;
    }

    /// <summary>
    /// Reads a name of a message that may point to earlier parts, and steps over it. Every pointer must lead further back, so that there
    /// is no going in circles. False if it is malformed.
    /// </summary>
    public static bool TryExpand(ReadOnlySpan<byte> message, ref int at, Span<byte> name, out int length)
    {
        length = 0;
        var read = at;
        var earliest = at;
        var followed = false;
        while ((uint)read < (uint)message.Length)
        {
            var label = message[read];
            if (label >= PointerBits)
            {
                if (read + 1 >= message.Length)
                {
                    return false;
                }

                var target = BinaryPrimitives.ReadUInt16BigEndian(message[read..]) & 0x3FFF;
                at = followed ? at : read + 2;
                followed = true;
                if (target >= earliest)
                {
                    return false;
                }

                earliest = read = target;
                continue;
            }

            var size = 1 + label;
            if (label > MaxLabelLength || read + size > message.Length || length + size > MaxLength)
            {
                return false;
            }

            message.Slice(read, size).CopyTo(name[length..]);
            length += size;
            read += size;
            if (label == 0)
            {
                at = followed ? at : read;
                return true;
            }
        }

        return false;
    }
}
