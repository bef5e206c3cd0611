using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Modular.Plugins.NetworkBridge.Tests;

/// <summary>Programs that talk across machines.</summary>
internal static class Traffic
{
    private const int PatienceMilliseconds = 5_000;

    /// <summary>Serves one connection on a machine: its answer is where the client seems to come from.</summary>
    public static IDisposable ServeTcp(this Machine machine, int port, string address = "0.0.0.0")
    {
        var listener = machine.Do(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            socket.Listen();
            return socket;
        });
        _ = Task.Run(() =>
        {
            try
            {
                while (true)
                {
                    using var client = listener.Accept();
                    client.Send(Encoding.ASCII.GetBytes(((IPEndPoint)client.RemoteEndPoint!).Address.ToString()));
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        });
        return listener;
    }

    /// <summary>Connects from a machine and reads the answer; empty if nobody answers.</summary>
    public static string AskTcp(this Machine machine, string address, int port)
    {
        using var socket = machine.Do(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        var connecting = socket.ConnectAsync(IPAddress.Parse(address), port);
        try
        {
            if (!connecting.Wait(PatienceMilliseconds))
            {
                return "";
            }

            socket.ReceiveTimeout = PatienceMilliseconds;
            var buffer = new byte[64];
            return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
        }
        catch (Exception exception) when (exception is AggregateException or SocketException)
        {
            return "";
        }
    }

    public static IDisposable ServeUdp(this Machine machine, int port)
    {
        var server = machine.Do(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return socket;
        });
        _ = Task.Run(() =>
        {
            try
            {
                var buffer = new byte[64];
                while (true)
                {
                    EndPoint client = new IPEndPoint(IPAddress.Any, 0);
                    server.ReceiveFrom(buffer, ref client);
                    server.SendTo(Encoding.ASCII.GetBytes(((IPEndPoint)client).Address.ToString()), client);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        });
        return server;
    }

    public static string AskUdp(this Machine machine, string address, int port)
    {
        using var socket = machine.Do(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        try
        {
            socket.ReceiveTimeout = PatienceMilliseconds;
            socket.Connect(IPAddress.Parse(address), port);
            socket.Send([1]);
            var buffer = new byte[64];
            return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
        }
        catch (SocketException)
        {
            return "";
        }
    }
}
