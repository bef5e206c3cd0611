using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Modular.PluginTests;

/// <summary>An endpoint that says its name, of one letter, to whoever connects or sends it a datagram, and then echoes.</summary>
internal sealed class NamedServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _name;
    private readonly Task _serving;

    public NamedServer(char name, string address = "127.0.0.1")
    {
        _name = [(byte)name];
        _listener.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        _listener.Listen();
        _datagrams.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        _serving = Task.WhenAll(AcceptAsync(_stop.Token), AnswerAsync(_stop.Token));
    }

    public IPEndPoint Connections => (IPEndPoint)_listener.LocalEndPoint!;

    public IPEndPoint Datagrams => (IPEndPoint)_datagrams.LocalEndPoint!;

    /// <summary>Whom a connection leads to: the name, or empty if it is closed without one.</summary>
    public static async Task<string> NameAsync(Socket client, CancellationToken cancellationToken)
    {
        var name = new byte[1];
        return Encoding.ASCII.GetString(name, 0, await client.ReceiveAsync(name, SocketFlags.None, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _datagrams.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(CancellationToken stop)
    {
        var clients = new List<Task>();
        try
        {
            while (true)
            {
                clients.Add(EchoAsync(await _listener.AcceptAsync(stop), stop));
            }
        }
        finally
        {
            await Task.WhenAll(clients).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task EchoAsync(Socket client, CancellationToken stop)
    {
        using (client)
        {
            await client.SendAsync(_name, SocketFlags.None, stop);
            var buffer = new byte[64];
            for (int count; (count = await client.ReceiveAsync(buffer, SocketFlags.None, stop)) > 0;)
            {
                await client.SendAsync(buffer.AsMemory(0, count), SocketFlags.None, stop);
            }
        }
    }

    private async Task AnswerAsync(CancellationToken stop)
    {
        var buffer = new byte[64];
        while (true)
        {
            var received = await _datagrams.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop);
            await _datagrams.SendToAsync(_name, SocketFlags.None, received.RemoteEndPoint, stop);
        }
    }
}
