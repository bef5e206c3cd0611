using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Modular.PluginTests;

/// <summary>The question for the IPv4 addresses of a name, over UDP, and what an answer says (RFC 1035).</summary>
internal static class DnsQuestion
{
    private const int HeaderSize = 12;
    private const byte Pointer = 0xC0;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>Asks, again where an answer does not come: the code of the answer (0 no error, 2 failure, 3 no such name), and the addresses.</summary>
    public static async Task<(int Code, IReadOnlyList<string> Addresses)> AskAsync(IPEndPoint server, string name, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var question = Write(name);
        var answer = new byte[4096];
        while (true)
        {
            using var once = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
            once.CancelAfter(AskAgainAfter);
            try
            {
                await socket.SendAsync(question, SocketFlags.None, once.Token);
                var length = await socket.ReceiveAsync(answer, SocketFlags.None, once.Token);
                return Read(answer.AsSpan(0, length));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException && !patience.IsCancellationRequested)
            {
                // Nobody listens yet, or the datagram was lost.
                await Task.Delay(10, patience.Token);
            }
        }
    }

    private static byte[] Write(string name)
    {
        using var question = new MemoryStream();
        question.Write([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        foreach (var label in name.Split('.'))
        {
            question.WriteByte((byte)label.Length);
            question.Write(Encoding.ASCII.GetBytes(label));
        }

        question.Write([0, 0, 1, 0, 1]);
        return question.ToArray();
    }

    private static (int Code, IReadOnlyList<string> Addresses) Read(ReadOnlySpan<byte> answer)
    {
        var addresses = new List<string>();
        var rest = SkipName(answer[HeaderSize..])[4..];
        for (var count = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]); count > 0; count--)
        {
            rest = SkipName(rest);
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[8..]);
            if (BinaryPrimitives.ReadUInt16BigEndian(rest) == 1)
            {
                addresses.Add(new IPAddress(rest.Slice(10, length)).ToString());
            }

            rest = rest[(10 + length)..];
        }

        return (answer[3] & 15, addresses);
    }

    private static ReadOnlySpan<byte> SkipName(ReadOnlySpan<byte> rest)
    {
        while (rest[0] is not 0 and < Pointer)
        {
            rest = rest[(rest[0] + 1)..];
        }

        return rest[(rest[0] == 0 ? 1 : 2)..];
    }
}
