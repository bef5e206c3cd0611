using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServiceChurn;

/// <summary>
/// One listener at every address of 127.0.0.0/8, which answers HTTP as any number of endpoints would. At the addresses of endpoints that
/// have gone it resets who comes.
/// </summary>
internal sealed class Endpoints : IDisposable
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<IPAddress, bool> _gone = new();
    private int _addresses;
    private int _late;

    public Endpoints()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Any, 0));
        _listener.Listen(4096);
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>How many connections came to endpoints that had gone.</summary>
    public int Late => _late;

    /// <summary>An address that no endpoint had.</summary>
    public IPAddress NewAddress()
    {
        var number = Interlocked.Increment(ref _addresses);
        return new IPAddress([127, (byte)(200 + (number >> 16)), (byte)(number >> 8), (byte)number]);
    }

    /// <summary>From now on nobody new is welcome there; who is connected is served on.</summary>
    public void Close(IPAddress address) => _gone[address] = true;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }

            if (_gone.ContainsKey(((IPEndPoint)client.LocalEndPoint!).Address))
            {
                Interlocked.Increment(ref _late);
                client.LingerState = new LingerOption(true, 0);
                client.Dispose();
            }
            else
            {
                _ = ServeAsync(client);
            }
        }
    }

    private static async Task ServeAsync(Socket client)
    {
        using (client)
        {
            client.NoDelay = true;
            var buffer = new byte[2048];
            var filled = 0;
            try
            {
                int count;
                while ((count = await client.ReceiveAsync(buffer.AsMemory(filled))) > 0)
                {
                    filled += count;
                    if (buffer.AsSpan(0, filled).EndsWith("\r\n\r\n"u8))
                    {
                        filled = 0;
                        await client.SendAsync(Answer);
                    }
                }
            }
            catch (SocketException)
            {
                // The client is gone.
            }
        }
    }
}
