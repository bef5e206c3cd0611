using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Modular.Plugins.Dns.Tests;

/// <summary>Another name server: it answers each question with what the test says, over UDP and TCP on one port.</summary>
internal sealed class TestUpstream : IAsyncDisposable
{
    private readonly TestListeners _listeners = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<byte[], bool, IEnumerable<byte[]>> _answer;
    private readonly Task _running;
    private int _asked;

    /// <summary>The function gets the question and whether it came over TCP; it may answer nothing, or several times.</summary>
    public TestUpstream(Func<byte[], bool, IEnumerable<byte[]>> answer)
    {
        _answer = answer;
        _running = Task.WhenAll(ServeDatagramsAsync(), ServeConnectionsAsync());
    }

    public IPEndPoint Endpoint => _listeners.Endpoint;

    /// <summary>How many questions came.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Another client's port each time, as it came in.</summary>
    public List<int> Ports { get; } = [];

    /// <summary>An answer to a question, with records whose owner is the question's name.</summary>
    public static byte[] Answer(byte[] question, int code, params (ushort Type, uint TimeToLive, byte[] Data)[] records)
    {
        var end = 12;
        while (question[end] != 0)
        {
            end += 1 + question[end];
        }

        byte[] message = [.. question[..(end + 5)]];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)(0x8180 | code));
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), (ushort)records.Length);
        foreach (var (type, timeToLive, data) in records)
        {
            message = [.. message, 0xC0, 12, .. RawMessage.Number(type), 0, 1, 0, 0, .. RawMessage.Number((ushort)timeToLive), .. RawMessage.Number((ushort)data.Length), .. data];
        }

        // With an OPT record of its own, as servers have.
        return [.. message, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listeners.Dispose();
        _stop.Dispose();
    }

    private async Task ServeDatagramsAsync()
    {
        using var lease = _listeners.Acquire(Endpoint, ProtocolType.Udp);
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var received = await lease.Socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                lock (Ports)
                {
                    Ports.Add(((IPEndPoint)received.RemoteEndPoint).Port);
                }

                Interlocked.Increment(ref _asked);
                foreach (var answer in _answer(buffer[..received.ReceivedBytes], false))
                {
                    await lease.Socket.SendToAsync(answer, received.RemoteEndPoint);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeConnectionsAsync()
    {
        using var lease = _listeners.Acquire(Endpoint, ProtocolType.Tcp);
        try
        {
            while (true)
            {
                using var client = new NetworkStream(await lease.Socket.AcceptAsync(_stop.Token), ownsSocket: true);
                var prefix = new byte[2];
                await client.ReadExactlyAsync(prefix, _stop.Token);
                var question = new byte[RawMessage.Number(prefix, 0)];
                await client.ReadExactlyAsync(question, _stop.Token);
                Interlocked.Increment(ref _asked);
                foreach (var answer in _answer(question, true))
                {
                    await client.WriteAsync((byte[])[.. RawMessage.Number((ushort)answer.Length), .. answer], _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
