using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ServiceChurn;

/// <summary>Clients that never try twice: half of their requests are on new connections, the others on ones they kept.</summary>
internal sealed class Load(IReadOnlyList<ChurnedService> services)
{
    private const int MostKept = 8;

    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: bench\r\n\r\n");

    /// <summary>What went wrong, by its message.</summary>
    public ConcurrentDictionary<string, int> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>The milliseconds of each request.</summary>
    public ConcurrentBag<double> Times { get; } = [];

    public Task RunAsync(int clients, TimeSpan pause, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => RunClientAsync(new Random(client), pause, stop)));

    private async Task RunClientAsync(Random random, TimeSpan pause, CancellationToken stop)
    {
        var kept = new List<Socket>();
        while (!stop.IsCancellationRequested)
        {
            Socket? socket = null;
            var started = Stopwatch.GetTimestamp();
            try
            {
                if (kept.Count > 0 && random.Next(2) == 0)
                {
                    var index = random.Next(kept.Count);
                    socket = kept[index];
                    kept.RemoveAt(index);
                }
                else
                {
                    socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    var port = random.Next(2) == 0 ? ChurnedService.HttpPort : ChurnedService.TcpPort;
                    await socket.ConnectAsync(new IPEndPoint(services[random.Next(services.Count)].Address, port), CancellationToken.None);
                }

                await AskAsync(socket);
                Times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                kept.Add(socket);
                if (kept.Count > MostKept)
                {
                    kept[0].Dispose();
                    kept.RemoveAt(0);
                }
            }
            catch (Exception error) when (error is SocketException or InvalidDataException)
            {
                socket?.Dispose();
                Failures.AddOrUpdate(error.Message, 1, (_, count) => count + 1);
            }

            await Task.Delay(pause, CancellationToken.None);
        }

        kept.ForEach(socket => socket.Dispose());
    }

    private static async Task AskAsync(Socket socket)
    {
        await socket.SendAsync(Request);
        var buffer = new byte[1024];
        var filled = 0;
        while (!buffer.AsSpan(0, filled).EndsWith("\r\n\r\nok"u8))
        {
            var count = filled == buffer.Length ? 0 : await socket.ReceiveAsync(buffer.AsMemory(filled));
            filled += count > 0 ? count : throw new InvalidDataException($"ended after: {Encoding.ASCII.GetString(buffer, 0, filled)}");
        }

        if (!buffer.AsSpan().StartsWith("HTTP/1.1 200"u8))
        {
            throw new InvalidDataException(Encoding.ASCII.GetString(buffer, 0, filled));
        }
    }
}
