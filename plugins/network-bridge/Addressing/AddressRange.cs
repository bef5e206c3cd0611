using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Modular.Plugins.NetworkBridge.Addressing;

/// <summary>A range of IPv4 addresses, such as 10.244.0.0/24.</summary>
/// <param name="First">The lowest address as a number.</param>
/// <param name="PrefixLength">How many bits all addresses have in common.</param>
internal readonly record struct AddressRange(uint First, int PrefixLength)
{
    public const int Bits = 32;

    /// <summary>The mask of the bits in common.</summary>
    public uint Mask => PrefixLength == 0 ? 0 : uint.MaxValue << (Bits - PrefixLength);

    public uint Last => First | ~Mask;

    /// <summary>The range of a length that an address lies in.</summary>
    public static AddressRange Around(IPAddress address, int prefixLength)
    {
        var range = new AddressRange(Number(address), prefixLength);
        return range with { First = range.First & range.Mask };
    }

    /// <exception cref="FormatException">It is no range of IPv4 addresses.</exception>
    public static AddressRange Parse(string text) =>
        IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork
            ? new AddressRange(Number(network.BaseAddress), network.PrefixLength)
            : throw new FormatException($"'{text}' is no range of IPv4 addresses such as 10.244.0.0/24");

    public static uint Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out _) ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : throw new FormatException($"{address} is no IPv4 address");
    }

    public static IPAddress Address(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }

    public bool Contains(uint address) => (address & Mask) == First;

    public bool Contains(AddressRange other) => First <= other.First && other.Last <= Last;

    public bool Overlaps(AddressRange other) => First <= other.Last && other.First <= Last;

    public override string ToString() => $"{Address(First)}/{PrefixLength}";
}
