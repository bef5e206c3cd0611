using System.Net;
using System.Net.Sockets;
using System.Text;
using Modular.Abstractions;

namespace Modular.PluginProcess.Child;

/// <summary>Listening sockets that the host lends this process. Thread-safe.</summary>
/// <param name="path">Where the host is asked.</param>
internal sealed class BorrowedListeners(string path) : IListeners
{
    private const int LongestLine = 128;

    public ListenerLease Acquire(IPEndPoint endpoint, ProtocolType protocol)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        // The connection is the loan.
        var loan = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            loan.Connect(new UnixDomainSocketEndPoint(path));
            loan.Send(Encoding.ASCII.GetBytes($"{(protocol == ProtocolType.Tcp ? "tcp" : "udp")} {endpoint}\n"));
            Span<byte> buffer = stackalloc byte[LongestLine];
            var length = DescriptorPassing.Receive(loan, buffer, out var descriptor);
            if (descriptor == DescriptorPassing.None)
            {
                throw Refusal(Encoding.ASCII.GetString(buffer[..length]).Trim());
            }

            var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
            return new ListenerLease(socket, () =>
            {
                socket.Dispose();
                loan.Dispose();
            });
        }
        catch (Exception e)
        {
            loan.Dispose();
            throw e is IOException ? new SocketException((int)SocketError.ConnectionReset) : e;
        }
    }

    private static SocketException Refusal(string answer) =>
        new((int)(answer.Split(' ') is ["error", var reason] && Enum.TryParse<SocketError>(reason, out var error) ? error : SocketError.ConnectionReset));
}
