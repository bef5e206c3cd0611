using System.Text;

namespace Modular.RuntimeNative.Supervisor.Native;

/// <summary>A terminal for a command: what is written to the master is its keyboard, what is read from it is its screen.</summary>
internal sealed unsafe class PseudoTerminal
{
    private const int NameLength = 128;

    private PseudoTerminal(int master, string path)
    {
        Master = master;
        Path = path;
    }

    public int Master { get; }

    /// <summary>The device that the command opens.</summary>
    public string Path { get; }

    public static PseudoTerminal Open()
    {
        var master = LibC.posix_openpt(LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC);
        var name = stackalloc byte[NameLength];
        if (master < 0)
        {
            throw LibC.Failure("open a terminal");
        }

        if (LibC.grantpt(master) != 0 || LibC.unlockpt(master) != 0 || LibC.ptsname_r(master, name, NameLength) != 0)
        {
            var failure = LibC.Failure("open a terminal");
            _ = LibC.close(master);
            throw failure;
        }

        _ = LibC.fcntl(master, LibC.F_SETFL, LibC.O_NONBLOCK);
        var length = new ReadOnlySpan<byte>(name, NameLength).IndexOf((byte)0);
        return new PseudoTerminal(master, Encoding.ASCII.GetString(name, length));
    }

    public static void Resize(int master, int columns, int rows)
    {
        var size = stackalloc ushort[4] { (ushort)rows, (ushort)columns, 0, 0 };
        _ = LibC.ioctl(master, LibC.TIOCSWINSZ, size);
    }
}
