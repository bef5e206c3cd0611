using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ServiceProxy;

/// <summary>Datagrams of 64 bytes that come back: four clients with 16 on their way each.</summary>
internal static class Datagrams
{
    private const int Clients = 4;
    private const int OnTheirWay = 16;
    private const int Size = 64;

    /// <summary>Sends back what comes, until the process is ended.</summary>
    public static void Echo(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        var from = new SocketAddress(AddressFamily.InterNetwork);
        Span<byte> buffer = new byte[Size];
        while (true)
        {
            var count = socket.ReceiveFrom(buffer, SocketFlags.None, from);
            socket.SendTo(buffer[..count], SocketFlags.None, from);
        }
    }

    public static async Task<Measurement> RunAsync(IPEndPoint endpoint, int seconds, MeasuredProcess proxy)
    {
        var before = proxy.Cpu;
        var until = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(
            _ => Task.Factory.StartNew(() => Ask(endpoint, until), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var cpu = proxy.Cpu - before;
        var times = clients.SelectMany(client => client.Times).ToList();
        times.Sort();
        return new(
            (double)times.Count / seconds, times[times.Count / 2], times[(int)(times.Count * 0.99)], clients.Sum(client => client.Lost),
            cpu.TotalMicroseconds / times.Count);
    }

    private static (List<double> Times, long Lost) Ask(IPEndPoint endpoint, long until)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 200 };
        socket.Connect(endpoint);
        var (times, missing, outstanding, givenUp) = (new List<double>(1 << 20), 0L, 0, 0L);
        Span<byte> buffer = new byte[Size];
        while (Stopwatch.GetTimestamp() < until)
        {
            while (outstanding < OnTheirWay)
            {
                var now = Stopwatch.GetTimestamp();
                MemoryMarshal.Write(buffer, in now);
                socket.Send(buffer);
                outstanding++;
            }

            if (!Receive(buffer))
            {
                GiveUp();
            }
        }

        GiveUp();
        socket.ReceiveTimeout = 2000;
        while (missing > 0 && Receive(buffer))
        {
        }

        return (times, missing);

        // Others are sent in the place of those that do not come; what comes later was late and is not lost.
        void GiveUp() => (givenUp, missing, outstanding) = (Stopwatch.GetTimestamp(), missing + outstanding, 0);

        bool Receive(Span<byte> answer)
        {
            try
            {
                socket.Receive(answer);
            }
            catch (SocketException)
            {
                return false;
            }

            var sent = MemoryMarshal.Read<long>(answer);
            times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            if (sent < givenUp)
            {
                missing--;
            }
            else
            {
                outstanding--;
            }

            return true;
        }
    }
}
