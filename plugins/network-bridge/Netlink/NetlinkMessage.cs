using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace Modular.Plugins.NetworkBridge.Netlink;

/// <summary>A request in the making: a header, the fixed part of its type, then attributes, each padded to four bytes.</summary>
internal sealed class NetlinkMessage
{
    private const int HeaderLength = 16;
    private const int AttributeHeaderLength = 4;
    private const ushort Nested = 0x8000;
    private byte[] _bytes = new byte[512];
    private int _length = HeaderLength;

    public NetlinkMessage(ushort type, RequestFlags flags)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(6), (ushort)(flags | RequestFlags.Request));
    }

    /// <summary>The message with its length and a number that the answers repeat.</summary>
    public ReadOnlySpan<byte> Finish(uint sequence)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes, _length);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(8), sequence);
        return _bytes.AsSpan(0, _length);
    }

    /// <summary>Appends the fixed part of a message.</summary>
    public NetlinkMessage Fixed<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).CopyTo(Grow(Marshal.SizeOf<T>()));
        return this;
    }

    public NetlinkMessage Attribute(int type, ReadOnlySpan<byte> value)
    {
        var span = Grow(AttributeHeaderLength + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)(AttributeHeaderLength + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], (ushort)type);
        value.CopyTo(span[AttributeHeaderLength..]);
        return this;
    }

    /// <summary>A text, closed by a zero byte.</summary>
    public NetlinkMessage Attribute(int type, string value)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(value) + 1];
        Encoding.UTF8.GetBytes(value, bytes);
        return Attribute(type, bytes);
    }

    /// <summary>A number in the machine's order, as rtnetlink has them.</summary>
    public NetlinkMessage Attribute(int type, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Attribute(type, bytes);
    }

    /// <summary>A number in network order, as nf_tables has them.</summary>
    public NetlinkMessage NetworkOrder(int type, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return Attribute(type, bytes);
    }

    /// <summary>A number in network order, as nf_tables has them.</summary>
    public NetlinkMessage NetworkOrder(int type, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return Attribute(type, bytes);
    }

    public NetlinkMessage Attribute(int type, IPAddress value) => Attribute(type, value.GetAddressBytes());

    /// <summary>An attribute that holds what <paramref name="content"/> appends.</summary>
    public NetlinkMessage Nest(int type, Action<NetlinkMessage> content)
    {
        var start = _length;
        Grow(AttributeHeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start + 2), (ushort)(type | Nested));
        content(this);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start), (ushort)(_length - start));
        return this;
    }

    private Span<byte> Grow(int count)
    {
        var padded = (count + 3) & ~3;
        if (_length + padded > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + padded));
        }

        var span = _bytes.AsSpan(_length, count);
        _length += padded;
        return span;
    }
}
