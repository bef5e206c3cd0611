using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Modular.ApiMachinery;

/// <summary>Reads values that are bytes on the wire and a scalar (or JSON of their own) in JSON.</summary>
internal static class ProtobufScalars
{
    // What .NET's times reach: years 1 to 9999.
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;
    private const int NanosPerTick = 100;
    private const int NanosPerMicro = 1000;

    /// <summary>The value; null if it is absent.</summary>
    public static JsonNode? Decode(ReadOnlySpan<byte> bytes, WireKind kind, int depth, bool keepsZero, Place place)
    {
        switch (kind)
        {
            case WireKind.String:
                return bytes.IsEmpty && !keepsZero ? null : JsonValue.Create(Text(bytes, place));
            case WireKind.Bytes:
                return bytes.IsEmpty && !keepsZero ? null : JsonValue.Create(Convert.ToBase64String(bytes));
            case WireKind.Time:
            case WireKind.MicroTime:
                return Time(bytes, kind == WireKind.MicroTime, place);
            case WireKind.Quantity:
                var quantity = Field(bytes, 1);
                return JsonValue.Create(quantity.IsEmpty ? "0" : Text(quantity, place));
            case WireKind.IntOrString:
                return IntOrString(bytes, place);
            default:
                return Json(Field(bytes, 1), depth, place);
        }
    }

    /// <summary>What a map's entry without a value holds.</summary>
    public static JsonNode? Zero(WireKind kind) => kind switch
    {
        WireKind.String or WireKind.Bytes => JsonValue.Create(""),
        WireKind.Boolean => JsonValue.Create(false),
        WireKind.Int32 or WireKind.Int64 or WireKind.IntOrString => JsonValue.Create(0L),
        WireKind.Double => JsonValue.Create(0d),
        WireKind.Quantity => JsonValue.Create("0"),
        WireKind.List => new JsonArray(),
        _ => null,
    };

    public static string Text(ReadOnlySpan<byte> bytes, Place place) =>
        Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw WireReader.Malformed($"{place} is not valid UTF-8");

    public static JsonNode? Double(double value, bool keepsZero, Place place) =>
        !double.IsFinite(value) ? throw WireReader.Malformed($"{place} is not a finite number")
        : value != 0 || keepsZero ? JsonValue.Create(value)
        : null;

    private static JsonValue? Time(ReadOnlySpan<byte> message, bool micro, Place place)
    {
        var (seconds, nanos) = (0L, 0);
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            var number = reader.ReadTag(out var type);
            if (number is not (1 or 2) || type != WireType.Varint)
            {
                reader.Skip(type);
            }
            else if (number == 1)
            {
                seconds = (long)reader.ReadVarint();
            }
            else
            {
                nanos = (int)reader.ReadVarint();
            }
        }

        // Go writes a time that is not set as an empty message.
        if (seconds == 0 && nanos == 0)
        {
            return null;
        }

        if (seconds is < FirstSecond or > LastSecond || nanos is < 0 or > 999_999_999)
        {
            throw WireReader.Malformed($"{place} is a time outside the years 1 to 9999");
        }

        var time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return JsonValue.Create(micro
            ? KubernetesTime.FormatMicro(time.AddTicks(nanos / NanosPerMicro * (NanosPerMicro / NanosPerTick)))
            : KubernetesTime.Format(time));
    }

    private static JsonValue IntOrString(ReadOnlySpan<byte> message, Place place)
    {
        var (isText, number) = (false, 0);
        ReadOnlySpan<byte> text = default;
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            switch (reader.ReadTag(out var type), type)
            {
                case (1, WireType.Varint):
                    isText = reader.ReadVarint() != 0;
                    break;
                case (2, WireType.Varint):
                    number = (int)reader.ReadVarint();
                    break;
                case (3, WireType.Length):
                    text = reader.ReadBytes();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return isText ? JsonValue.Create(Text(text, place)) : JsonValue.Create((long)number);
    }

    private static JsonNode? Json(ReadOnlySpan<byte> json, int depth, Place place)
    {
        if (json.IsEmpty || json.SequenceEqual("null"u8))
        {
            return null;
        }

        try
        {
            return JsonDecoder.Decode(json, JsonDecoder.DeepestNesting - depth, out _);
        }
        catch (ApiException e)
        {
            throw WireReader.Malformed($"{place} is not JSON: {e.Message}");
        }
    }

    /// <summary>The bytes of a field of a message of which nothing else is wanted; the last one wins.</summary>
    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> message, int wanted)
    {
        var found = ReadOnlySpan<byte>.Empty;
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            if (reader.ReadTag(out var type) == wanted && type == WireType.Length)
            {
                found = reader.ReadBytes();
            }
            else
            {
                reader.Skip(type);
            }
        }

        return found;
    }
}
