namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>The numbers of the system calls that scripts and filters use, on x86-64.</summary>
internal static class SyscallNumber
{
    public const int Write = 1;
    public const int Open = 2;
    public const int Close = 3;
    public const int SignalAction = 13;
    public const int SignalMask = 14;
    public const int IoControl = 16;
    public const int Duplicate = 33;
    public const int Execute = 59;
    public const int ChangeDirectory = 80;
    public const int MakeDirectory = 83;
    public const int SymbolicLink = 88;
    public const int ChangeOwner = 93;
    public const int FileModeMask = 95;
    public const int NewSession = 112;
    public const int SetGroups = 116;
    public const int SetUser = 117;
    public const int SetGroup = 119;
    public const int SetCapabilities = 126;
    public const int MakeNode = 133;
    public const int PivotRoot = 155;
    public const int ProcessControl = 157;
    public const int Mount = 165;
    public const int Unmount = 166;
    public const int ExitGroup = 231;
    public const int JoinNamespace = 308;
    public const int OpenTree = 428;
    public const int MoveMount = 429;
    public const int FileSystemOpen = 430;
    public const int FileSystemConfigure = 431;
    public const int FileSystemMount = 432;
    public const int PidfdOpen = 434;
    public const int Clone3 = 435;
    public const int CloseRange = 436;
    public const int OpenBeneath = 437;
    public const int SetMountAttributes = 442;
}
