using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Modular.Host.Web;

/// <summary>
/// <c>modular web</c>: a small web server to try a cluster with. It answers every path with one line that says who answered, or with a file, writes a
/// line per request to standard output, and ends in order on TERM. It loads nothing but sockets, so that many start quickly.
/// </summary>
internal static class WebServer
{
    public static async Task<int> RunAsync(ReadOnlyMemory<string> arguments)
    {
        if (!TryRead(arguments.Span, out var port, out var page, out var error))
        {
            await Console.Error.WriteLineAsync(error);
            return 2;
        }

        var address = IPAddress.TryParse(Environment.GetEnvironmentVariable("POD_IP"), out var own) ? own : IPAddress.Any;
        using var stop = new CancellationTokenSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException e)
        {
            await Console.Error.WriteLineAsync($"cannot listen on {address}:{port}: {e.Message}");
            return 1;
        }

        listener.Listen(128);
        Console.WriteLine($"serving on {address}:{port}");
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(stop.Token);
                _ = ServeAsync(client, page, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("stopped");
            return 0;
        }
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }

    private static bool TryRead(ReadOnlySpan<string> arguments, out int port, out Page page, out string error)
    {
        port = 8080;
        page = new Page("", "");
        error = "";
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--port" when int.TryParse(value, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65536:
                    i++;
                    break;
                case "--text" when value.Length > 0:
                    page = page with { Text = value };
                    i++;
                    break;
                case "--file" when value.Length > 0:
                    page = page with { File = value };
                    i++;
                    break;
                default:
                    error = $"modular web: cannot read \"{arguments[i]}{(value.Length > 0 ? " " + value : "")}\"; usage: modular web [--port PORT] [--text TEXT] [--file PATH]";
                    return false;
            }
        }

        return true;
    }

    private static async Task ServeAsync(Socket client, Page page, CancellationToken cancellationToken)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                var buffer = new byte[8192];
                var filled = 0;
                while (true)
                {
                    var read = await client.ReceiveAsync(buffer.AsMemory(filled), cancellationToken);
                    if (read == 0)
                    {
                        return;
                    }

                    filled += read;
                    var end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
                    if (end < 0)
                    {
                        if (filled == buffer.Length)
                        {
                            return;
                        }

                        continue;
                    }

                    var line = Encoding.ASCII.GetString(buffer, 0, buffer.AsSpan(0, filled).IndexOf((byte)'\r'));
                    var close = buffer.AsSpan(0, end).IndexOf("onnection: close"u8) >= 0;
                    var address = ((IPEndPoint)client.LocalEndPoint!).Address;
                    await client.SendAsync(await AnswerAsync(line, page, address, close, cancellationToken), cancellationToken);
                    Console.WriteLine(line);
                    if (close)
                    {
                        return;
                    }

                    buffer.AsSpan(end + 4, filled - end - 4).CopyTo(buffer);
                    filled -= end + 4;
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The client went away, or the server stops.
            }
        }
    }

    private static async Task<byte[]> AnswerAsync(string requestLine, Page page, IPAddress address, bool close, CancellationToken cancellationToken)
    {
        var words = requestLine.Split(' ');
        var (status, body) = words.Length != 3 || words[0] is not ("GET" or "HEAD")
            ? ("405 Method Not Allowed", "only GET and HEAD are understood\n")
            : page.File.Length > 0 ? await ReadAsync(page.File, cancellationToken) : ("200 OK", page.Introduce(words[1], address));
        var head = $"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{(close ? "Connection: close\r\n" : "")}\r\n";
        return Encoding.UTF8.GetBytes(words[0] == "HEAD" ? head : head + body);
    }

    private static async Task<(string Status, string Body)> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return ("200 OK", await File.ReadAllTextAsync(file, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ("404 Not Found", $"{e.Message}\n");
        }
    }

    /// <summary>What is served: a file as it is then, or one line with a text and who answers.</summary>
    private sealed record Page(string Text, string File)
    {
        public string Introduce(string path, IPAddress address) =>
            $"{(Text.Length > 0 ? Text + " from " : "")}{Environment.GetEnvironmentVariable("HOSTNAME") ?? Environment.MachineName} at {address} pid {Environment.ProcessId} {path}\n";
    }
}
