using System.Net.Sockets;

namespace Modular.Plugins.ProxyYarp.Tcp;

/// <summary>How connections behave. Those that are accepted have it from their listener, which saves the calls for each.</summary>
internal static class ConnectionOptions
{
    /// <summary>Sends at once, and notices within minutes that a peer vanished without a word.</summary>
    public static void Set(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
    }
}
