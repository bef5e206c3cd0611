namespace Modular.RuntimeNative.Supervisor.Native;

/// <summary>A terminal for a program: what is written to the master is its keyboard, what is read from it is its screen.</summary>
internal sealed unsafe class PseudoTerminal
{
    private PseudoTerminal(int master, int device)
    {
        Master = master;
        Device = device;
    }

    public int Master { get; }

    /// <summary>The program's side.</summary>
    public int Device { get; private set; }

    /// <summary>The file system that it is in, which is mounted nowhere yet; -1 if it is mounted.</summary>
    public int Mount { get; private set; } = -1;

    /// <summary>One of this machine's terminals.</summary>
    /// <exception cref="IOException">There is none left.</exception>
    public static PseudoTerminal Open() => Adopt(LibC.posix_openpt(LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC));

    /// <summary>The terminal of a master that was just opened.</summary>
    /// <param name="master">The descriptor.</param>
    /// <param name="mount">The file system that it is in, if it is mounted nowhere.</param>
    /// <exception cref="IOException">It is none, or could not be opened; the descriptors are closed.</exception>
    public static PseudoTerminal Adopt(int master, int mount = -1)
    {
        // The device is not opened by its name, which may mean something else here than in the place it is from.
        var device = master < 0 || LibC.unlockpt(master) != 0
            ? -1
            : LibC.ioctl_number(master, LibC.TIOCGPTPEER, LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC);
        if (device < 0)
        {
            var failure = LibC.Failure("open a terminal");
            _ = LibC.close(master);
            _ = LibC.close(mount);
            throw failure;
        }

        _ = LibC.fcntl(master, LibC.F_SETFL, LibC.O_NONBLOCK);
        return new PseudoTerminal(master, device) { Mount = mount };
    }

    /// <summary>Another descriptor of the master, with a life of its own.</summary>
    /// <exception cref="IOException">There are no descriptors left.</exception>
    public int DuplicateMaster() =>
        LibC.fcntl(Master, LibC.F_DUPFD_CLOEXEC, 0) is var descriptor and >= 0 ? descriptor : throw LibC.Failure("fcntl");

    public void CloseDevice()
    {
        _ = LibC.close(Device);
        Device = -1;
    }

    public void CloseMount()
    {
        _ = LibC.close(Mount);
        Mount = -1;
    }

    public void Close()
    {
        _ = LibC.close(Master);
        CloseDevice();
        CloseMount();
    }

    public static void Resize(int master, int columns, int rows)
    {
        var size = stackalloc ushort[4] { (ushort)rows, (ushort)columns, 0, 0 };
        _ = LibC.ioctl(master, LibC.TIOCSWINSZ, size);
    }
}
