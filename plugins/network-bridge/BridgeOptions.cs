using System.Text.Json;
using Modular.Plugins.NetworkBridge.Addressing;

namespace Modular.Plugins.NetworkBridge;

/// <summary>The plugin's configuration.</summary>
internal sealed record BridgeOptions
{
    /// <summary>The node's range; null for the first of the cluster's that nothing on the machine uses.</summary>
    public AddressRange? Range { get; init; }

    /// <summary>The largest packet in bytes; 0 for that of the way out of this machine.</summary>
    public int Mtu { get; init; }

    /// <exception cref="FormatException">A setting is unknown or has a value of the wrong kind.</exception>
    public static BridgeOptions Read(JsonElement configuration)
    {
        const int smallestMtu = 576;
        const int smallestRange = 29;
        var options = new BridgeOptions();
        if (configuration.ValueKind != JsonValueKind.Object)
        {
            return options;
        }

        foreach (var property in configuration.EnumerateObject())
        {
            options = property.Name switch
            {
                "nodeRange" when property.Value.GetString() is "" => options,
                "nodeRange" when AddressRange.Parse(property.Value.GetString()!) is { PrefixLength: <= smallestRange } range => options with { Range = range },
                "nodeRange" => throw new FormatException($"network-bridge: nodeRange must have at least {1 << (AddressRange.Bits - smallestRange)} addresses"),
                "mtu" when property.Value.TryGetInt32(out var mtu) && mtu is 0 or >= smallestMtu and <= ushort.MaxValue => options with { Mtu = mtu },
                "mtu" => throw new FormatException($"network-bridge: mtu must be 0 or between {smallestMtu} and {ushort.MaxValue}"),
                _ => throw new FormatException($"network-bridge has no setting '{property.Name}'; its README lists them"),
            };
        }

        return options;
    }
}
