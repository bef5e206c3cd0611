using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Modular.RuntimeNative.Supervisor.Native;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>
/// The addresses that programs of this machine listen on. /proc/net/tcp tells them too, but walks the table of all connections for it,
/// which takes milliseconds; see sock_diag(7).
/// </summary>
internal static unsafe class ListeningAddresses
{
    private const int Netlink = 16;
    private const int Datagrams = 2;
    private const int SocketDiagnostics = 4;
    private const byte InternetFamily = 2;
    private const byte Tcp = 6;
    private const int Listening = 10;
    private const ushort ByFamily = 20;
    private const ushort Dump = 0x301;
    private const int HeaderLength = 16;
    private const int RequestLength = 72;
    private const int SourceOffset = HeaderLength + 8;
    private const int AnswerSize = 32 * 1024;

    /// <summary>IPv4 addresses as numbers. Empty where the kernel can't tell: the check before a container starts still finds a conflict.</summary>
    public static HashSet<uint> Find()
    {
        var addresses = new HashSet<uint>();
        var socket = LibC.socket(Netlink, Datagrams | LibC.O_CLOEXEC, SocketDiagnostics);
        if (socket < 0)
        {
            return addresses;
        }

        var answer = NativeMemory.Alloc(AnswerSize);
        try
        {
            if (Ask(socket))
            {
                while (LibC.read(socket, (byte*)answer, AnswerSize) is > 0 and var length && Collect(new ReadOnlySpan<byte>(answer, (int)length), addresses))
                {
                }
            }
        }
        finally
        {
            NativeMemory.Free(answer);
            _ = LibC.close(socket);
        }

        return addresses;
    }

    private static bool Ask(int socket)
    {
        var request = stackalloc byte[RequestLength];
        var fields = new Span<byte>(request, RequestLength);
        fields.Clear();
        MemoryMarshal.Write(fields, RequestLength);
        MemoryMarshal.Write(fields[4..], ByFamily);
        MemoryMarshal.Write(fields[6..], Dump);
        fields[HeaderLength] = InternetFamily;
        fields[HeaderLength + 1] = Tcp;
        MemoryMarshal.Write(fields[(HeaderLength + 4)..], 1u << Listening);
        return LibC.write(socket, request, RequestLength) == RequestLength;
    }

    // False when the last part came, or an error in its place.
    private static bool Collect(ReadOnlySpan<byte> parts, HashSet<uint> addresses)
    {
        while (parts.Length >= HeaderLength)
        {
            var length = MemoryMarshal.Read<int>(parts);
            if (MemoryMarshal.Read<ushort>(parts[4..]) != ByFamily || length < SourceOffset + sizeof(uint) || length > parts.Length)
            {
                return false;
            }

            addresses.Add(BinaryPrimitives.ReadUInt32BigEndian(parts[SourceOffset..]));
            parts = parts[Math.Min(parts.Length, (length + 3) & ~3)..];
        }

        return true;
    }
}
