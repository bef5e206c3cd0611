using System.Runtime.InteropServices;

namespace Modular.Plugins.Dns.Serving;

/// <summary>The system calls that move many datagrams at a time, and wait for them or for an end.</summary>
internal static unsafe partial class DatagramCalls
{
    public const int DontWait = 0x40;
    public const int TruncatedFlag = 0x20;
    public const int AddressSize = 28;
    public const int Interrupted = 4;
    public const int WouldBlock = 11;

    public const uint ReadyToRead = 1;
    public const uint WakeOne = 1u << 28;
    public const int AddToPoll = 1;
    public const int CloseOnExec = 0x80000;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, CountedDatagram* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int socket, CountedDatagram* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint Send(int socket, byte* buffer, nuint length, int flags, byte* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int CreatePoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int ControlPoll(int poll, int operation, int descriptor, byte* registration);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int WaitPoll(int poll, byte* events, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int CreateEvent(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, ulong* value, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    /// <summary>Room for an event, whose layout differs between machines; what is in it is not looked at.</summary>
    public const int EventSize = 16;

    public static int AddPoll(int poll, int descriptor, uint events)
    {
        var registration = stackalloc byte[EventSize];
        new Span<byte>(registration, EventSize).Clear();
        *(uint*)registration = events;
        return ControlPoll(poll, AddToPoll, descriptor, registration);
    }
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DatagramPiece
{
    public byte* Bytes;
    public nuint Length;
}

/// <summary>struct msghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DatagramHeader
{
    public byte* Address;
    public uint AddressLength;
    public DatagramPiece* Pieces;
    public nuint PieceCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>struct mmsghdr; its second member stands behind the padding of the first.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CountedDatagram
{
    public DatagramHeader Header;
    public uint Length;
}
