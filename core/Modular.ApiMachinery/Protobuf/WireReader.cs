using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery;

/// <summary>Reads the fields of one message. Whoever sent it may have made it up: each length is held against the bytes that are there.</summary>
/// <param name="message">The message.</param>
/// <param name="target">What it is read into, by which errors tell where it stands; null for an envelope.</param>
internal ref struct WireReader(ReadOnlySpan<byte> message, JsonNode? target = null)
{
    private const int HighestNumber = (1 << 29) - 1;

    private readonly int _length = message.Length;
    private readonly JsonNode? _target = target;
    private ReadOnlySpan<byte> _rest = message;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>The next field's number and wire type.</summary>
    public int ReadTag(out WireType type)
    {
        var tag = ReadVarint();
        type = (WireType)(tag & 7);
        if (tag >> 3 is 0 or > HighestNumber || type > WireType.Fixed32)
        {
            throw MalformedHere($"illegal tag {tag}");
        }

        return (int)(tag >> 3);
    }

    public ulong ReadVarint()
    {
        var value = 0ul;
        for (var i = 0; i < Wire.LongestVarint; i++)
        {
            if (i >= _rest.Length)
            {
                throw Truncated();
            }

            var b = _rest[i];
            value |= (ulong)(b & 0x7f) << (7 * i);
            if (b < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw MalformedHere("a number has more than 64 bits");
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadVarint();
        if (length > (ulong)_rest.Length)
        {
            throw Truncated();
        }

        return Take((int)length);
    }

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    /// <summary>Passes over a field's value.</summary>
    public void Skip(WireType type)
    {
        // Groups hold fields up to an end; counted instead of recursed into, since anybody may open any number of them.
        var open = 0;
        while (true)
        {
            switch (type)
            {
                case WireType.Varint:
                    ReadVarint();
                    break;
                case WireType.Fixed64:
                    Take(8);
                    break;
                case WireType.Fixed32:
                    Take(4);
                    break;
                case WireType.Length:
                    ReadBytes();
                    break;
                case WireType.StartGroup:
                    open++;
                    break;
                default:
                    if (--open < 0)
                    {
                        throw MalformedHere("a group ends that did not begin");
                    }

                    break;
            }

            if (open == 0)
            {
                return;
            }

            ReadTag(out type);
        }
    }

    public static ApiException Malformed(string problem) => new(StatusReason.BadRequest, "protobuf parse error: " + problem);

    private readonly ApiException Truncated() => MalformedHere("the message ends too early");

    private readonly ApiException MalformedHere(string problem)
    {
        var place = _target is null ? "the envelope" : JsonPaths.PathOf(_target) is { Length: > 0 } path ? path : "the object";
        return Malformed($"{problem} (byte {_length - _rest.Length + 1} of {place})");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw Truncated();
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
