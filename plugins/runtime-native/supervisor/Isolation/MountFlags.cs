namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>The flags of mount and its relatives.</summary>
internal static class MountFlags
{
    public const int ReadOnly = 0x1;
    public const int NoSetUserId = 0x2;
    public const int NoDevices = 0x4;
    public const int NoExecute = 0x8;
    public const int Remount = 0x20;
    public const int Bind = 0x1000;
    public const int Recursive = 0x4000;
    public const int Private = 0x40000;
    public const int Detach = 2;

    /// <summary>What a file system that holds neither programs nor devices is mounted with.</summary>
    public const int Inert = NoSetUserId | NoDevices | NoExecute;
}
