using System.Net;
using System.Net.Sockets;

namespace Modular.EndToEnd;

/// <summary>
/// A TCP port that stays free for whoever is told of it, also while nobody listens there: below the range that connections get theirs from,
/// and kept from other tests by the UDP port of the same number, which this holds.
/// </summary>
internal sealed class ReservedPort : IDisposable
{
    private const int First = 20000;
    private const int End = 32000;

    private readonly Socket _claim;

    public ReservedPort()
    {
        while (true)
        {
            var address = new IPEndPoint(IPAddress.Any, Random.Shared.Next(First, End));
            var claim = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                claim.Bind(address);
                using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                free.Bind(address);
                (_claim, Number) = (claim, address.Port);
                return;
            }
            catch (SocketException)
            {
                claim.Dispose();
            }
        }
    }

    public int Number { get; }

    public void Dispose() => _claim.Dispose();
}
