namespace Modular.RuntimeNative.Supervisor.Native;

/// <summary>A terminal for a command: what is written to the master is its keyboard, what is read from it is its screen.</summary>
internal sealed unsafe class PseudoTerminal
{
    private PseudoTerminal(int master, int device)
    {
        Master = master;
        Device = device;
    }

    public int Master { get; }

    /// <summary>The command's side.</summary>
    public int Device { get; }

    /// <summary>One of this machine's terminals.</summary>
    /// <exception cref="IOException">There is none left.</exception>
    public static PseudoTerminal Open() => Adopt(LibC.posix_openpt(LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC));

    /// <summary>The terminal of a master that was just opened.</summary>
    /// <exception cref="IOException">It is none, or could not be opened; the descriptor is closed.</exception>
    public static PseudoTerminal Adopt(int master)
    {
        // The device is not opened by its name, which may mean something else here than in the place it is from.
        var device = master < 0 || LibC.unlockpt(master) != 0
            ? -1
            : LibC.ioctl_number(master, LibC.TIOCGPTPEER, LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC);
        if (device < 0)
        {
            var failure = LibC.Failure("open a terminal");
            _ = LibC.close(master);
            throw failure;
        }

        _ = LibC.fcntl(master, LibC.F_SETFL, LibC.O_NONBLOCK);
        return new PseudoTerminal(master, device);
    }

    public static void Resize(int master, int columns, int rows)
    {
        var size = stackalloc ushort[4] { (ushort)rows, (ushort)columns, 0, 0 };
        _ = LibC.ioctl(master, LibC.TIOCSWINSZ, size);
    }
}
