using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Modular.Plugins.NetworkBridge.Netlink;

/// <summary>Reads one message of an answer; null if it is not asked for.</summary>
internal delegate T? AnswerParser<out T>(ReadOnlySpan<byte> body)
    where T : class;

/// <summary>
/// Asks the kernel. A socket belongs to the network namespace it was opened in, whichever thread uses it. One request at a time: not
/// thread-safe. After a failed batch it is of no use any more.
/// </summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    private const int HeaderLength = 16;
    private const int AnswerLimit = 256 * 1024;
    private const int PatienceSeconds = 10;
    private const int Attempts = 20;
    private readonly SafeFileHandle _handle;
    private readonly byte[] _answer = new byte[64 * 1024];
    private uint _sequence;

    private NetlinkSocket(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens a socket in the network namespace of this thread.</summary>
    public static NetlinkSocket Open(NetlinkProtocol protocol)
    {
        var descriptor = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, (int)protocol);
        if (descriptor < 0)
        {
            throw NetlinkException.Last("the kernel's network can't be reached");
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        // The kernel answers while it is asked; the limit only keeps a fault from holding a thread for ever.
        var patience = stackalloc nint[2] { PatienceSeconds, 0 };
        var limit = AnswerLimit;
        if (LibC.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_RCVTIMEO, patience, (uint)(2 * sizeof(nint))) != 0
            || LibC.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_RCVBUF, &limit, sizeof(int)) != 0)
        {
            var failure = NetlinkException.Last("the kernel's network can't be reached");
            handle.Dispose();
            throw failure;
        }

        return new NetlinkSocket(handle);
    }

    /// <summary>Sends a request and waits until the kernel has done it.</summary>
    /// <exception cref="NetlinkException">The kernel refused it.</exception>
    public void Do(string what, NetlinkMessage request)
    {
        var sequence = ++_sequence;
        Send(what, request.Finish(sequence));
        Receive<object>(what, sequence, sequence, null, []);
    }

    /// <summary>Sends a request and reads what the kernel answers. A list that changed while it was read is asked for again.</summary>
    /// <exception cref="NetlinkException">The kernel refused it, or the list never held still.</exception>
    public IReadOnlyList<T> Ask<T>(string what, NetlinkMessage request, AnswerParser<T> parse)
        where T : class
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var sequence = ++_sequence;
            var answers = new List<T>();
            Send(what, request.Finish(sequence));
            if (Receive(what, sequence, sequence, parse, answers))
            {
                return answers;
            }
        }

        throw new NetlinkException(what, Errno.Interrupted);
    }

    /// <summary>Sends several requests as one and waits until each that asks for it is acknowledged. Nobody else uses the socket afterwards if it fails.</summary>
    /// <exception cref="NetlinkException">The kernel refused one of them.</exception>
    public void DoAll(string what, IReadOnlyList<NetlinkMessage> requests)
    {
        var first = _sequence + 1;
        var buffer = new MemoryStream();
        foreach (var request in requests)
        {
            buffer.Write(request.Finish(++_sequence));
        }

        Send(what, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        Receive<object>(what, first, _sequence - 1, null, []);
    }

    public void Dispose() => _handle.Dispose();

    private void Send(string what, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            if (LibC.send(Descriptor, start, (nuint)bytes.Length, 0) != bytes.Length)
            {
                throw NetlinkException.Last(what);
            }
        }
    }

    // Until the acknowledgement of the last request, or the end of the list it asked for. False if the list changed meanwhile.
    private bool Receive<T>(string what, uint first, uint last, AnswerParser<T>? parse, List<T> answers)
        where T : class
    {
        var whole = true;
        while (true)
        {
            var rest = ReceiveDatagram(what);
            while (rest.Length >= HeaderLength)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
                var type = BinaryPrimitives.ReadUInt16LittleEndian(rest[4..]);
                var flags = (RequestFlags)BinaryPrimitives.ReadUInt16LittleEndian(rest[6..]);
                var sequence = BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]);
                var body = rest[HeaderLength..length];
                rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
                if (sequence < first)
                {
                    continue;
                }

                whole &= !flags.HasFlag(RequestFlags.Interrupted);
                switch (type)
                {
                    case ControlMessage.Done:
                        return whole;
                    case ControlMessage.Error:
                        var error = -BinaryPrimitives.ReadInt32LittleEndian(body);
                        if (error != 0)
                        {
                            throw new NetlinkException(what, error);
                        }

                        if (sequence >= last)
                        {
                            return whole;
                        }

                        break;
                    default:
                        if (parse?.Invoke(body) is { } answer)
                        {
                            answers.Add(answer);
                        }

                        break;
                }
            }
        }
    }

    private ReadOnlySpan<byte> ReceiveDatagram(string what)
    {
        fixed (byte* start = _answer)
        {
            nint received;
            while ((received = LibC.recv(Descriptor, start, (nuint)_answer.Length, 0)) < 0)
            {
                if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
                {
                    throw NetlinkException.Last(what);
                }
            }

            return _answer.AsSpan(0, (int)received);
        }
    }

    private int Descriptor => (int)_handle.DangerousGetHandle();
}
