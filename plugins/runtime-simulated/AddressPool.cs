using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Modular.Plugins.RuntimeSimulated;

/// <summary>Gives each sandbox an address of its own, in turn, so that an address is seldom used again soon. Not thread-safe.</summary>
internal sealed class AddressPool
{
    private const uint Loopback = 0x7F000001;
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly uint _first;
    private readonly uint _count;
    private uint _next;

    /// <exception cref="FormatException">Not a range of IPv4 addresses.</exception>
    public AddressPool(string range)
    {
        if (!IPNetwork.TryParse(range, out var network) || network.BaseAddress.AddressFamily != AddressFamily.InterNetwork || network.PrefixLength is < 8 or > 30)
        {
            throw new FormatException($"runtime-simulated: addressRange '{range}' is not an IPv4 range such as 127.64.0.0/10, from /8 to /30");
        }

        _first = BinaryPrimitives.ReadUInt32BigEndian(network.BaseAddress.GetAddressBytes());
        _count = 1u << (32 - network.PrefixLength);
    }

    public void Reserve(IEnumerable<string> addresses) => _used.UnionWith(addresses);

    public void Release(IEnumerable<string> addresses) => _used.ExceptWith(addresses);

    /// <summary>An address that no sandbox has; null if all are taken.</summary>
    public string? Take()
    {
        for (var tried = 0u; tried < _count; tried++)
        {
            var address = _first + (_next++ % _count);
            // .0 and .255 look like a network's own addresses to other programs, and 127.0.0.1 is everybody's.
            if ((address & 0xFF) is not (0 or 0xFF) && address != Loopback && Format(address) is var text && _used.Add(text))
            {
                return text;
            }
        }

        return null;
    }

    private static string Format(uint address)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new IPAddress(bytes).ToString();
    }
}
