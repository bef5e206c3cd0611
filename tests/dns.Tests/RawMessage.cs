using System.Buffers.Binary;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Tests;

/// <summary>Questions written by hand, for what no honest client sends.</summary>
internal static class RawMessage
{
    public const ushort Id = 0x1234;

    public static byte[] Question(string name, ushort type, ushort flags = 0x0100, ushort @class = 1) =>
        [.. Header(flags, 1, 0), .. Spelled(name), .. Number(type), .. Number(@class)];

    public static byte[] WithOpt(byte[] question, ushort size = 1232, byte version = 0, ushort flags = 0)
    {
        byte[] message = [.. question, 0, .. Number(41), .. Number(size), 0, version, .. Number(flags), 0, 0];
        message[11]++;
        return message;
    }

    public static byte[] Header(ushort flags, ushort questions, ushort additional) =>
        [.. Number(Id), .. Number(flags), .. Number(questions), 0, 0, 0, 0, .. Number(additional)];

    public static byte[] Number(ushort value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    public static ushort Number(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);

    public static int Code(ReadOnlySpan<byte> message) => message[3] & 0xF;

    /// <summary>A name in the case it is written in.</summary>
    private static byte[] Spelled(string name)
    {
        var wire = WireName.Encode(name);
        for (int at = 0, text = 0; wire[at] != 0; at += 1 + wire[at])
        {
            for (var i = 1; i <= wire[at]; i++)
            {
                wire[at + i] = (byte)name[text++];
            }

            text++;
        }

        return wire;
    }
}
