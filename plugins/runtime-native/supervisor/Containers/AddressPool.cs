using System.Buffers.Binary;
using System.Net;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>
/// Gives each sandbox an address of its own out of a range of 127.0.0.0/8. Where the search begins depends on the sandbox's id, so that
/// two clusters on one machine seldom meet, and an address is seldom used again soon. Thread-safe.
/// </summary>
internal sealed class AddressPool
{
    private const uint Loopback = 0x7F000000;
    private readonly uint _first;
    private readonly uint _count;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">Not a range within 127.0.0.0/8.</exception>
    public AddressPool(string range)
    {
        if (!IPNetwork.TryParse(range, out var network)
            || network.BaseAddress.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork
            || network.PrefixLength is < 8 or > 30)
        {
            throw new FormatException($"'{range}' is not an IPv4 range such as 127.64.0.0/10");
        }

        _first = BinaryPrimitives.ReadUInt32BigEndian(network.BaseAddress.GetAddressBytes());
        _count = 1u << (32 - network.PrefixLength);
        if ((_first & 0xFF000000) != Loopback)
        {
            throw new FormatException($"'{range}' is not within 127.0.0.0/8, where every address belongs to this machine");
        }
    }

    public void Reserve(IEnumerable<string> addresses)
    {
        lock (_lock)
        {
            _used.UnionWith(addresses);
        }
    }

    public void Release(IEnumerable<string> addresses)
    {
        lock (_lock)
        {
            _used.ExceptWith(addresses);
        }
    }

    /// <summary>An address that no sandbox has and nothing listens on; null if all are taken.</summary>
    public string? Take(string sandboxId)
    {
        var listening = ListeningAddresses.Find();
        var start = Hash(sandboxId) % _count;
        for (var offset = 0u; offset < _count; offset++)
        {
            var address = _first + ((start + offset) % _count);
            // .0 and .255 look like a network's own addresses to other programs, and 127.0.0.1 is everybody's.
            if ((address & 0xFF) is 0 or 0xFF || address == Loopback + 1)
            {
                continue;
            }

            var text = Format(address);
            if (!listening.Contains(address) && TryUse(text))
            {
                return text;
            }
        }

        return null;
    }

    private bool TryUse(string address)
    {
        lock (_lock)
        {
            return _used.Add(address);
        }
    }

    private static string Format(uint address)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new IPAddress(bytes).ToString();
    }

    private static uint Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var character in text)
        {
            hash = (hash ^ character) * 16777619u;
        }

        return hash ^ (hash >> 15);
    }
}
