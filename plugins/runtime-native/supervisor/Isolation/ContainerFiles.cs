using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>Files as a container sees them.</summary>
internal static unsafe class ContainerFiles
{
    private const int PathOnly = 0x200000;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveInRoot = 0x10;

    /// <summary>A descriptor of a file; -1 if there is none. Whatever links the container made, none leads out of it.</summary>
    /// <exception cref="ChildStartException">The container has ended.</exception>
    public static int Open(ChildProcess container, string path, int flags)
    {
        var root = LibC.open($"/proc/{container.Identity.Pid}/root", PathOnly | LibC.O_CLOEXEC, 0);
        if (root < 0)
        {
            throw new ChildStartException(0, "the container has ended");
        }

        try
        {
            // Known to be this container's only if it has not ended since, because then the number may be another process's.
            if (container.Exit.IsCompleted)
            {
                throw new ChildStartException(0, "the container has ended");
            }

            var how = stackalloc ulong[3] { (ulong)(flags | LibC.O_CLOEXEC), 0, ResolveInRoot | ResolveNoMagicLinks };
            return (int)LibC.openat2(SyscallNumber.OpenBeneath, root, path, how, 3 * sizeof(ulong));
        }
        finally
        {
            _ = LibC.close(root);
        }
    }
}
