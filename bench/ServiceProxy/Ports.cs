using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ServiceProxy;

/// <summary>Where everything listens: two backends that both proxies share, an echo of datagrams, and the ports of each proxy.</summary>
internal sealed record Ports(int First, int Second, int Echo, int Tcp, int Http, int Udp, int PeerTcp, int PeerHttp)
{
    /// <summary>The virtual address of the service.</summary>
    public static readonly IPAddress Service = IPAddress.Parse("127.0.0.2");

    public static Ports Free()
    {
        // All are held until all are known, so no two are the same.
        var sockets = Enumerable.Range(0, 8).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        var ports = sockets.ConvertAll(socket =>
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, 0));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        });
        sockets.ForEach(socket => socket.Dispose());
        return new(ports[0], ports[1], ports[2], ports[3], ports[4], ports[5], ports[6], ports[7]);
    }

    public static Ports Parse(string text)
    {
        var ports = text.Split(',').Select(port => int.Parse(port, CultureInfo.InvariantCulture)).ToList();
        return new(ports[0], ports[1], ports[2], ports[3], ports[4], ports[5], ports[6], ports[7]);
    }

    public override string ToString() => string.Join(',', First, Second, Echo, Tcp, Http, Udp, PeerTcp, PeerHttp);
}
