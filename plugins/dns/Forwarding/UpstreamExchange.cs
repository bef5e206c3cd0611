using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Forwarding;

/// <summary>
/// Asks one server one question. Each goes out from a port of its own with an id that nobody can guess, and what is not an answer to it is
/// not taken for one.
/// </summary>
internal static class UpstreamExchange
{
    private const int ReceiveSize = 4096;

    /// <summary>Asks over UDP, and over TCP if the answer is cut. Null if what came over TCP is no answer.</summary>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    public static async Task<UpstreamAnswer?> AskAsync(UpstreamQuestion question, IPEndPoint server, CancellationToken cancellationToken)
    {
        var answer = await AskDatagramAsync(question, server, cancellationToken).ConfigureAwait(false);
        return answer.IsCut ? await AskStreamAsync(question, server, cancellationToken).ConfigureAwait(false) : answer;
    }

    private static async Task<UpstreamAnswer> AskDatagramAsync(UpstreamQuestion question, IPEndPoint server, CancellationToken cancellationToken)
    {
        var id = NewId();
        var buffer = ArrayPool<byte>.Shared.Rent(ReceiveSize);
        try
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
            await socket.SendAsync(buffer.AsMemory(0, question.WriteMessage(buffer, id)), cancellationToken).ConfigureAwait(false);
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (UpstreamAnswer.Read(buffer.AsSpan(0, length), question, id) is { } answer)
                {
                    return answer;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<UpstreamAnswer?> AskStreamAsync(UpstreamQuestion question, IPEndPoint server, CancellationToken cancellationToken)
    {
        const int Prefix = sizeof(ushort);
        var id = NewId();
        var buffer = ArrayPool<byte>.Shared.Rent(Prefix + MessageHeader.LargestMessage);
        try
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
            var length = question.WriteMessage(buffer.AsSpan(Prefix), id);
            BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
            using var stream = new NetworkStream(socket);
            await stream.WriteAsync(buffer.AsMemory(0, Prefix + length), cancellationToken).ConfigureAwait(false);
            await stream.ReadExactlyAsync(buffer.AsMemory(0, Prefix), cancellationToken).ConfigureAwait(false);
            var answer = buffer.AsMemory(0, BinaryPrimitives.ReadUInt16BigEndian(buffer));
            await stream.ReadExactlyAsync(answer, cancellationToken).ConfigureAwait(false);
            return UpstreamAnswer.Read(answer.Span, question, id);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ushort NewId() => (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
}
