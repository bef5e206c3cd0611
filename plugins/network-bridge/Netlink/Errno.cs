namespace Modular.Plugins.NetworkBridge.Netlink;

/// <summary>The error numbers that somebody here decides by.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NotFound = 2;
    public const int Interrupted = 4;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int NoDevice = 19;
    public const int InvalidArgument = 22;
    public const int NotSupported = 95;
    public const int ProtocolNotSupported = 93;
    public const int AddressFamilyNotSupported = 97;
}
