using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Modular.PluginProcess;

/// <summary>Descriptors beside a few bytes on a Unix socket (SCM_RIGHTS, unix(7)), which .NET's sockets don't do.</summary>
internal static unsafe partial class DescriptorPassing
{
    public const int None = -1;

    private const int SocketLevel = 1; // SOL_SOCKET
    private const int Rights = 1; // SCM_RIGHTS
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int Interrupted = 4;

    /// <exception cref="IOException">The other end is gone.</exception>
    public static void Send(Socket connection, ReadOnlySpan<byte> bytes, int descriptor)
    {
        fixed (byte* data = bytes)
        {
            var part = new Part { Start = data, Length = (nuint)bytes.Length };
            var control = new Control { Length = (nuint)(sizeof(Control) - sizeof(int)), Level = SocketLevel, Type = Rights, Descriptor = descriptor };
            var message = new Message { Parts = &part, PartCount = 1 };
            if (descriptor != None)
            {
                message.Control = &control;
                message.ControlLength = (nuint)sizeof(Control);
            }

            nint sent;
            do
            {
                sent = SendMessage(connection.SafeHandle, in message, NoSignal);
            }
            while (IsInterrupted(sent));
        }
    }

    /// <summary>Waits for bytes.</summary>
    /// <returns>How many; 0 at the end.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public static int Receive(Socket connection, Span<byte> buffer, out int descriptor)
    {
        fixed (byte* data = buffer)
        {
            var part = new Part { Start = data, Length = (nuint)buffer.Length };
            Control control = default;
            var message = new Message { Parts = &part, PartCount = 1, Control = &control, ControlLength = (nuint)sizeof(Control) };
            // Not close-on-exec: .NET takes a socket without that flag for one that is shared with other processes, and never shuts it down.
            nint count;
            do
            {
                count = ReceiveMessage(connection.SafeHandle, ref message, 0);
            }
            while (IsInterrupted(count));
            descriptor = message.ControlLength > 0 && control is { Level: SocketLevel, Type: Rights } ? control.Descriptor : None;
            return (int)count;
        }
    }

    /// <exception cref="IOException">The call failed otherwise.</exception>
    private static bool IsInterrupted(nint result)
    {
        if (result >= 0)
        {
            return false;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == Interrupted ? true : throw new IOException($"a socket can't be passed: {new Win32Exception(error).Message}");
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeSocketHandle socket, in Message message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(SafeSocketHandle socket, ref Message message, int flags);

    // struct iovec
    private struct Part
    {
        public byte* Start;
        public nuint Length;
    }

    // struct msghdr
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Part* Parts;
        public nuint PartCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    // struct cmsghdr with one descriptor, padded as CMSG_SPACE is
    private struct Control
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Descriptor;
        public int Padding;
    }
}
