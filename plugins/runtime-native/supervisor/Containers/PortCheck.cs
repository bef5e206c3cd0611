using System.Net;
using System.Net.Sockets;
using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>Without a network of its own a container can find its port taken, by the machine or by another container.</summary>
internal static class PortCheck
{
    /// <summary>The first of the ports that somebody else has, or null.</summary>
    public static PortRecord? FindTaken(string address, IReadOnlyList<PortRecord> ports)
    {
        foreach (var port in ports)
        {
            if (port.Protocol is "TCP" or "UDP" && !CanBind(new IPEndPoint(IPAddress.Parse(address), port.Port), port.Protocol == "TCP"))
            {
                return port;
            }
        }

        return null;
    }

    private static bool CanBind(IPEndPoint endpoint, bool tcp)
    {
        using var socket = tcp
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(endpoint);
            return true;
        }
        catch (SocketException exception)
        {
            // Other failures, such as a port below 1024 without the right to it, are the container's to meet and to report.
            return exception.SocketErrorCode != SocketError.AddressAlreadyInUse;
        }
    }
}
