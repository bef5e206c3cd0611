using System.Buffers.Binary;
using System.Text;

namespace Modular.Plugins.NetworkBridge.Netlink;

/// <summary>Goes through the attributes of an answer, in their order.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private const int HeaderLength = 4;
    private const ushort TypeMask = 0x3fff;
    private ReadOnlySpan<byte> _rest = attributes;

    public int Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The value as a text, without the zero that closes it.</summary>
    public readonly string Text => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    /// <summary>The value as a number in the machine's order.</summary>
    public readonly int Number => BinaryPrimitives.ReadInt32LittleEndian(Value);

    /// <summary>The value as a number in network order.</summary>
    public readonly int NetworkOrder => BinaryPrimitives.ReadInt32BigEndian(Value);

    public bool Read()
    {
        if (_rest.Length < HeaderLength)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
        if (length < HeaderLength || length > _rest.Length)
        {
            return false;
        }

        Type = BinaryPrimitives.ReadUInt16LittleEndian(_rest[2..]) & TypeMask;
        Value = _rest[HeaderLength..length];
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }
}
