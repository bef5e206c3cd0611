using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>The terminals of a container that does not run yet, so that its program's own has a name there.</summary>
internal static unsafe class ContainerTerminals
{
    private const int CloseOnExec = 1;
    private const int SetString = 1;
    private const int Create = 6;
    private const int NoSetUserId = 0x2;
    private const int NoExecute = 0x8;

    /// <summary>How terminals are made, wherever they are.</summary>
    public static IReadOnlyList<(string Name, string Value)> Options { get; } = [("ptmxmode", "0666"), ("mode", "0620"), ("gid", "5")];

    /// <summary>The first terminal of a file system that is mounted nowhere.</summary>
    /// <exception cref="IOException">There is none left.</exception>
    public static PseudoTerminal Open()
    {
        var mount = Mount();
        var how = stackalloc ulong[3] { LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC, 0, 0 };
        return PseudoTerminal.Adopt((int)LibC.openat2(SyscallNumber.OpenBeneath, mount, "ptmx", how, 3 * sizeof(ulong)), mount);
    }

    private static int Mount()
    {
        var context = (int)LibC.fsopen(SyscallNumber.FileSystemOpen, "devpts", CloseOnExec);
        try
        {
            var made = context >= 0
                && Options.All(option => LibC.fsconfig(SyscallNumber.FileSystemConfigure, context, SetString, option.Name, option.Value, 0) == 0)
                && LibC.fsconfig(SyscallNumber.FileSystemConfigure, context, Create, null, null, 0) == 0;
            var mount = made ? (int)LibC.fsmount(SyscallNumber.FileSystemMount, context, CloseOnExec, NoSetUserId | NoExecute) : -1;
            return mount >= 0 ? mount : throw LibC.Failure("make terminals");
        }
        finally
        {
            _ = LibC.close(context);
        }
    }
}
