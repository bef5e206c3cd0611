using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Modular.Plugins.ProxyYarp.Tests;

/// <summary>Says its name to whoever connects, then echoes, and closes when the client has ended.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _clients = [];
    private readonly string _name;
    private readonly Task _loop;

    public EchoServer(string name, string address = "127.0.0.1")
    {
        _name = name;
        _listener.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        _listener.Listen();
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _loop = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Resets whoever is connected.</summary>
    public void ResetClients()
    {
        foreach (var client in _clients)
        {
            client.LingerState = new LingerOption(true, 0);
            client.Dispose();
        }
    }

    public static async Task<string> ReadAsync(Socket socket, int count)
    {
        var buffer = new byte[count];
        var read = 0;
        while (read < count)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(read), SocketFlags.None, TestContext.Current.CancellationToken);
            if (got == 0)
            {
                break;
            }

            read += got;
        }

        return Encoding.ASCII.GetString(buffer, 0, read);
    }

    public static async Task<string> AskAsync(Socket socket, string text)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), SocketFlags.None, TestContext.Current.CancellationToken);
        return await ReadAsync(socket, text.Length);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _loop;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptAsync();
                _clients.Add(client);
                _ = EchoAsync(client);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task EchoAsync(Socket client)
    {
        try
        {
            using (client)
            {
                await client.SendAsync(Encoding.ASCII.GetBytes(_name), SocketFlags.None);
                var buffer = new byte[4096];
                int count;
                while ((count = await client.ReceiveAsync(buffer, SocketFlags.None)) > 0)
                {
                    await client.SendAsync(buffer.AsMemory(0, count), SocketFlags.None);
                }

                await client.SendAsync("bye"u8.ToArray(), SocketFlags.None);
                client.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
