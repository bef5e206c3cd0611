using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Modular.EndToEnd;

/// <summary>HTTP on one connection, which is never opened anew and on which nothing is asked twice.</summary>
internal sealed class HttpConversation : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[8192];

    private HttpConversation(Socket socket) => _socket = socket;

    public static async Task<HttpConversation> OpenAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            return new HttpConversation(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Asks for a page and reads it.</summary>
    /// <exception cref="IOException">It was not answered, or not well.</exception>
    public async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        await _socket.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n"u8.ToArray(), cancellationToken);
        var filled = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(filled), cancellationToken);
            filled += read > 0 ? read : throw new IOException("the connection ended without an answer");
            var text = Encoding.ASCII.GetString(_buffer, 0, filled);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and > 0 && text.Length >= end + 4 + Length(text[..end]))
            {
                return text.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) ? text[(end + 4)..] : throw new IOException(text.Split('\r')[0]);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static int Length(string head)
    {
        const string name = "Content-Length: ";
        var line = head.Split("\r\n").FirstOrDefault(line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return line is null ? throw new IOException($"no length: {head}") : int.Parse(line[name.Length..], CultureInfo.InvariantCulture);
    }
}
