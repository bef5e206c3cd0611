namespace Modular.Plugins.NetworkBridge.Netlink;

/// <summary>The part of the kernel that a socket speaks with.</summary>
internal enum NetlinkProtocol
{
    Route = 0,
    Netfilter = 12,
}

/// <summary>What the kernel is to do with a request.</summary>
[Flags]
internal enum RequestFlags : ushort
{
    Request = 0x1,
    Acknowledge = 0x4,

    /// <summary>In answers: the list changed while it was read.</summary>
    Interrupted = 0x10,
    Replace = 0x100,
    Dump = 0x300,
    Exclusive = 0x200,
    Create = 0x400,
    Append = 0x800,
}

/// <summary>Message types that every protocol has.</summary>
internal static class ControlMessage
{
    public const ushort Error = 2;
    public const ushort Done = 3;
}
