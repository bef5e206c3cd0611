namespace Modular.Plugins.NetworkBridge.Filtering;

/// <summary>Message types of nf_tables, each within its subsystem, and attributes that several of them have.</summary>
internal static class FilterMessage
{
    private const int Subsystem = 10 << 8;
    public const ushort NewTable = Subsystem | 0;
    public const ushort DeleteTable = Subsystem | 2;
    public const ushort NewChain = Subsystem | 3;
    public const ushort GetChain = Subsystem | 4;
    public const ushort NewRule = Subsystem | 6;
    public const ushort GetRule = Subsystem | 7;
    public const ushort DeleteRule = Subsystem | 8;
    public const ushort BeginBatch = 0x10;
    public const ushort EndBatch = 0x11;
    public const ushort SubsystemId = 10;
}

/// <summary>The families of tables that see IPv4 packets.</summary>
internal enum FilterFamily : byte
{
    Inet = 1,
    IPv4 = 2,
}

/// <summary>Where on a packet's way a chain is asked.</summary>
internal enum FilterHook
{
    Prerouting = 0,
    Forward = 2,
    Output = 3,
    Postrouting = 4,
}
