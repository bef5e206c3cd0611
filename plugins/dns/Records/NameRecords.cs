namespace Modular.Plugins.Dns.Records;

/// <summary>What stands at one name. Never changed once it is served; a name without records exists all the same.</summary>
internal sealed record NameRecords
{
    public static readonly NameRecords None = new();

    /// <summary>IPv4 addresses, one after the other.</summary>
    public byte[] Addresses4 { get; init; } = [];

    /// <summary>IPv6 addresses, one after the other.</summary>
    public byte[] Addresses6 { get; init; } = [];

    /// <summary>Where a service's port is.</summary>
    public ServicePlace[] Places { get; init; } = [];

    /// <summary>Names that have this address.</summary>
    public byte[][] Pointers { get; init; } = [];

    /// <summary>The name this one stands for; empty if it stands for itself.</summary>
    public byte[] Alias { get; init; } = [];

    /// <summary>A text as it stands in a record; empty if there is none.</summary>
    public byte[] Text { get; init; } = [];

    /// <summary>The name servers of a zone.</summary>
    public byte[][] NameServers { get; init; } = [];

    /// <summary>What two sources say of the same name, each thing once.</summary>
    public static NameRecords Merge(NameRecords one, NameRecords other) =>
        ReferenceEquals(one, None) ? other : ReferenceEquals(other, None) ? one : new NameRecords
        {
            Addresses4 = Union(one.Addresses4, other.Addresses4, 4),
            Addresses6 = Union(one.Addresses6, other.Addresses6, 16),
            Places = [.. one.Places.Union(other.Places)],
            Pointers = [.. one.Pointers.Union(other.Pointers, Wire.WireNameComparer.Instance)],
            Alias = one.Alias.Length > 0 ? one.Alias : other.Alias,
            Text = one.Text.Length > 0 ? one.Text : other.Text,
            NameServers = [.. one.NameServers.Union(other.NameServers, Wire.WireNameComparer.Instance)],
        };

    private static byte[] Union(byte[] one, byte[] other, int size) =>
        [.. one.Chunk(size).Union(other.Chunk(size), Wire.WireNameComparer.Instance).SelectMany(address => address)];
}

/// <summary>A place at which a service answers.</summary>
/// <param name="Target">The name, in wire form; the same array as the table's key, so that equal places are equal.</param>
/// <param name="Port">The port there.</param>
internal sealed record ServicePlace(byte[] Target, ushort Port)
{
    public bool Equals(ServicePlace? other) => other is not null && Port == other.Port && Target.AsSpan().SequenceEqual(other.Target);

    public override int GetHashCode() => HashCode.Combine(Wire.WireNameComparer.Instance.GetHashCode(Target), Port);
}
