using System.Buffers.Binary;
using System.Net;

namespace Modular.Plugins.ResourcesKubernetes.Allocation;

/// <summary>The virtual addresses of services. Its first part is for those who choose: at most 256 addresses, as Kubernetes divides it.</summary>
internal sealed class AddressPool
{
    private readonly IPNetwork _range;

    public AddressPool(string range, TimeProvider time)
    {
        _range = IPNetwork.Parse(range);
        var size = 1L << (32 - _range.PrefixLength);
        var first = Number(_range.BaseAddress);
        Values = new Pool(first + 1, first + size - 2, first + Math.Min(Math.Max(16, size / 16), 256), time);
    }

    /// <summary>The addresses as numbers; the first and the last of the range are nobody's.</summary>
    public Pool Values { get; }

    /// <inheritdoc />
    public override string ToString() => _range.ToString();

    /// <summary>An address as a number; null if it is none of IPv4.</summary>
    public static long? Number(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? Number(address) : null;

    /// <summary>A number as an address.</summary>
    public static string Text(long number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)number);
        return new IPAddress(bytes).ToString();
    }

    private static long Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
}
