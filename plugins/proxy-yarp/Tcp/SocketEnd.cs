using System.Net.Sockets;

namespace Modular.Plugins.ProxyYarp.Tcp;

/// <summary>Ends of connections that peers should notice.</summary>
internal static class SocketEnd
{
    /// <summary>The peer sees a reset rather than an orderly end.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (SocketException)
        {
            // It is reset already.
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        socket.Dispose();
    }
}
