using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;

namespace Modular.ApiMachinery;

/// <summary>Writes scalars whose text in JSON is not what protobuf holds.</summary>
internal static class ProtobufText
{
    private const int SecondsLength = 20;
    private const int MicrosLength = 27;
    private const int NanosPerMicro = 1000;
    private const int NanosPerTick = 100;

    public static void WriteDouble(ref Utf8JsonReader reader, PooledBuffer output, string name)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            throw new InvalidDataException($"{name} is not a number");
        }

        BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(sizeof(double)), reader.GetDouble());
        output.Advance(sizeof(double));
    }

    /// <summary>Writes the length and bytes of base64.</summary>
    public static void WriteBase64(ref Utf8JsonReader reader, PooledBuffer output, string name)
    {
        var begin = output.BeginLength();
        // Unescaped into the output, then decoded in place: bytes are fewer than their base64.
        var text = output.GetSpan(reader.ValueSpan.Length);
        var length = reader.CopyString(text);
        var left = RemoveWhitespace(text[..length]);
        if (Base64.DecodeFromUtf8InPlace(text[..left], out var written) != OperationStatus.Done)
        {
            throw new InvalidDataException($"{name} is not base64");
        }

        output.Advance(written);
        output.EndLength(begin);
    }

    /// <summary>Writes the fields of a Timestamp. As in Go nanoseconds are written even if there are none.</summary>
    public static void WriteTime(ref Utf8JsonReader reader, PooledBuffer output, bool micro, string name)
    {
        if (!TryReadCanonical(reader.ValueSpan, micro, out var seconds, out var nanos))
        {
            if (!KubernetesTime.TryParse(reader.GetString()!, out var time))
            {
                throw new InvalidDataException($"{name} is not a time");
            }

            seconds = time.ToUnixTimeSeconds();
            nanos = micro ? (int)(time.Ticks % TimeSpan.TicksPerSecond * NanosPerTick / NanosPerMicro * NanosPerMicro) : 0;
        }

        output.WriteByte(0x08);
        output.WriteVarint((ulong)seconds);
        output.WriteByte(0x10);
        output.WriteVarint((ulong)nanos);
    }

    // Nearly all stored times have this form; reading them must not make strings.
    private static bool TryReadCanonical(ReadOnlySpan<byte> text, bool micro, out long seconds, out int nanos)
    {
        (seconds, nanos) = (0, 0);
        if (text.Length != (micro ? MicrosLength : SecondsLength) || text[^1] != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T'
            || text[13] != ':' || text[16] != ':' || (micro && text[19] != '.'))
        {
            return false;
        }

        var (year, month, day) = (Digits(text[..4]), Digits(text[5..7]), Digits(text[8..10]));
        var (hour, minute, second) = (Digits(text[11..13]), Digits(text[14..16]), Digits(text[17..19]));
        var micros = micro ? Digits(text[20..26]) : 0;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59 || micros < 0)
        {
            return false;
        }

        seconds = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero).ToUnixTimeSeconds();
        nanos = micros * NanosPerMicro;
        return true;
    }

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var number = 0;
        foreach (var b in text)
        {
            if (b is < (byte)'0' or > (byte)'9')
            {
                return -1;
            }

            number = (number * 10) + (b - '0');
        }

        return number;
    }

    private static int RemoveWhitespace(Span<byte> text)
    {
        var left = 0;
        foreach (var b in text)
        {
            if (b is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                text[left++] = b;
            }
        }

        return left;
    }
}
