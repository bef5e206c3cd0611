using System.Runtime.InteropServices;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>
/// What a program reads: a pipe or a terminal's keyboard. Closing it never waits for a writer, and nothing touches the descriptor's number
/// afterwards, since it may be another file's by then.
/// </summary>
/// <param name="descriptor">Not blocking; -1 for none.</param>
internal sealed unsafe class ProgramInput(int descriptor)
{
    // Closing wakes nobody: a writer looks again by itself.
    private const int LookAgainMilliseconds = 500;

    private readonly Lock _lock = new();
    private int _descriptor = descriptor;

    /// <summary>Writes all, unless the input is closed, the program ends or the client goes away before it has read it.</summary>
    /// <param name="data">What to write.</param>
    /// <param name="client">The socket of the client whose data it is.</param>
    public void Write(ReadOnlySpan<byte> data, int client)
    {
        while (data.Length > 0)
        {
            int current;
            nint written;
            int error;
            lock (_lock)
            {
                current = _descriptor;
                if (current < 0)
                {
                    return;
                }

                fixed (byte* pointer = data)
                {
                    written = LibC.write(current, pointer, data.Length);
                    error = Marshal.GetLastPInvokeError();
                }
            }

            if (written >= 0)
            {
                data = data[(int)written..];
            }
            else if (error == LibC.EAGAIN)
            {
                if (Readiness.Await(current, LibC.POLLOUT, client, LookAgainMilliseconds) == Ready.ClientGone)
                {
                    return;
                }
            }
            else if (error != LibC.EINTR)
            {
                return;
            }
        }
    }

    /// <summary>Says how large the client's terminal is.</summary>
    public void Resize(int columns, int rows)
    {
        lock (_lock)
        {
            if (_descriptor >= 0)
            {
                PseudoTerminal.Resize(_descriptor, columns, rows);
            }
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            if (_descriptor >= 0)
            {
                _ = LibC.close(_descriptor);
                _descriptor = -1;
            }
        }
    }
}
