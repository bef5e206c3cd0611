using Modular.RuntimeNative.Protocol;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Isolation;

/// <summary>
/// A part of the host's files, mounted nowhere yet: only its descriptor leads to it. What it shows is settled here, where paths are the
/// host's, and no link that a container makes can change it later.
/// </summary>
internal sealed unsafe class MountTree : IDisposable
{
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const int CloneTree = 1;
    private const int RecursiveTree = 0x8000;
    private const ulong PathOnly = 0x200000;
    private const ulong ResolveBeneath = 0x08;
    private const ulong ResolveNoSymlinks = 0x04;
    private const ulong AttributeReadOnly = 0x1;
    private const ulong AttributeNoDevices = 0x4;
    private const ulong PropagationPrivate = 0x40000;
    private const ulong PropagationSlave = 0x80000;
    private const ulong PropagationShared = 0x100000;

    private MountTree(int descriptor, bool isDirectory)
    {
        Descriptor = descriptor;
        IsDirectory = isDirectory;
    }

    public int Descriptor { get; }

    public bool IsDirectory { get; }

    /// <exception cref="ChildStartException">It is not there, or a link leads out of where it must stay.</exception>
    public static MountTree Open(MountRecord mount, bool devices)
    {
        var source = Find(mount);
        try
        {
            // Even a directory found by descriptor: its name may mean something else by now.
            var isDirectory = Directory.Exists($"/proc/self/fd/{source}");
            var tree = (int)LibC.open_tree(SyscallNumber.OpenTree, source, "", CloneTree | RecursiveTree | EmptyPath | LibC.O_CLOEXEC);
            if (tree < 0)
            {
                throw Failure($"mount {mount.Source}");
            }

            var attributes = stackalloc ulong[4];
            attributes[0] = (mount.ReadOnly ? AttributeReadOnly : 0) | (devices ? 0 : AttributeNoDevices);
            attributes[1] = 0;
            attributes[2] = mount.Propagation switch
            {
                "Bidirectional" => PropagationShared,
                "HostToContainer" => PropagationSlave,
                _ => PropagationPrivate,
            };
            attributes[3] = 0;
            if (LibC.mount_setattr(SyscallNumber.SetMountAttributes, tree, "", EmptyPath | RecursiveTree, attributes, 4 * sizeof(ulong)) != 0)
            {
                var failure = Failure($"settings of the mount {mount.Source}");
                _ = LibC.close(tree);
                throw failure;
            }

            return new MountTree(tree, isDirectory);
        }
        finally
        {
            _ = LibC.close(source);
        }
    }

    public void Dispose() => _ = LibC.close(Descriptor);

    private static int Find(MountRecord mount)
    {
        var how = stackalloc ulong[3] { PathOnly | LibC.O_CLOEXEC, 0, 0 };
        if (mount.Beneath.Length == 0)
        {
            return Check((int)LibC.openat2(SyscallNumber.OpenBeneath, CurrentDirectory, mount.Source, how, 3 * sizeof(ulong)), mount);
        }

        var directory = Check((int)LibC.openat2(SyscallNumber.OpenBeneath, CurrentDirectory, mount.Beneath, how, 3 * sizeof(ulong)), mount);
        try
        {
            how[2] = ResolveBeneath | ResolveNoSymlinks;
            var relative = Path.GetRelativePath(mount.Beneath, mount.Source);
            return Check((int)LibC.openat2(SyscallNumber.OpenBeneath, directory, relative, how, 3 * sizeof(ulong)), mount);
        }
        finally
        {
            _ = LibC.close(directory);
        }
    }

    private static int Check(int descriptor, MountRecord mount) => descriptor >= 0 ? descriptor : throw Failure($"mount {mount.Source}");

    private static ChildStartException Failure(string what) => new(0, LibC.Failure(what).Message);
}
