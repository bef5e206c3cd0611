using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiFuzzer;

/// <summary>Writes objects as protobuf, and spoils them.</summary>
internal static class ProtobufMutation
{
    /// <summary>An object in its envelope, mostly not quite right; null if it has no such form.</summary>
    public static byte[]? Of(JsonObject obj, Schema schema, Dice dice)
    {
        byte[] message;
        try
        {
            using var encoder = new ProtobufEncoder();
            message = encoder.Encode(Encoding.UTF8.GetBytes(JsonBytes.Plain(obj)), schema).ToArray();
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }

        for (var i = dice.Pick(0, 0, 0, 1, 1, 2); i > 0; i--)
        {
            message = Spoil(message, dice);
        }

        var enveloped = new ArrayBufferWriter<byte>();
        var (apiVersion, kind) = dice.Chance(90) ? (obj.GetString("apiVersion") ?? "", obj.GetString("kind") ?? "") : (OddValues.Text(dice), OddValues.Text(dice));
        ProtobufEnvelope.Write(enveloped, apiVersion, kind, message);
        var bytes = enveloped.WrittenSpan.ToArray();
        return dice.Chance(10) ? ByteMutation.Mutate(bytes, dice) : bytes;
    }

    private static byte[] Spoil(byte[] message, Dice dice)
    {
        var at = dice.Next(message.Length + 1);
        return dice.Next(9) switch
        {
            0 => [.. message, .. message],
            1 => [.. message[..at], .. Varint(Odd(dice)), .. message[at..]],
            2 => [.. message, .. Tag(dice), .. Varint(Odd(dice))],
            3 => [.. message, .. Tag(dice), .. Deep(dice)],
            4 => [.. message, .. Tag(dice), .. dice.Bytes(dice.Next(30))],
            5 => [.. message, .. Varint((ulong)((dice.Next(30) << 3) | 3)), .. Varint((ulong)((dice.Next(30) << 3) | 4))],
            6 => [.. message, .. Tag(dice), .. Sized(dice.Bytes(dice.Next(20)))],
            _ => ByteMutation.Mutate(message, dice),
        };
    }

    private static byte[] Tag(Dice dice) => Varint((ulong)((dice.Next(40) << 3) | dice.Next(8)));

    private static ulong Odd(Dice dice) => dice.Pick<ulong>(0, 1, 127, 128, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, long.MaxValue, 1UL << 63, ulong.MaxValue);

    /// <summary>Messages within messages, all of one field.</summary>
    private static byte[] Deep(Dice dice)
    {
        var number = dice.Next(20) + 1;
        byte[] message = [];
        for (var depth = dice.Pick(10, 100, 260, 1000); depth > 0; depth--)
        {
            message = [.. Varint((ulong)((number << 3) | 2)), .. Sized(message)];
        }

        return Sized(message);
    }

    private static byte[] Sized(byte[] bytes) => [.. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value > 127; value >>= 7)
        {
            bytes.Add((byte)(value | 128));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
