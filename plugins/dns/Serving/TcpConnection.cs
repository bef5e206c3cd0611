using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Modular.Plugins.Dns.Answering;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Serving;

/// <summary>
/// One client's connection. It may ask again before the last answer came; what has to be asked of other servers holds up nothing else, so
/// that answers come in the order in which they are known.
/// </summary>
internal sealed partial class TcpConnection(Socket client, QuestionHandler handler, DnsMetrics metrics, TimeProvider time, ILogger log) : IDisposable
{
    private const int Prefix = sizeof(ushort);

    /// <summary>Longer questions are no questions.</summary>
    private const int RequestSize = 4096;

    private const int MostForwards = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _forwards = new(MostForwards);

    /// <summary>Serves until the client leaves, falls silent, or does not follow the protocol.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var requests = ArrayPool<byte>.Shared.Rent(RequestSize);
        try
        {
            client.NoDelay = true;
            await ServeAsync(requests, stop).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // The client went away.
        }
        catch (Exception error)
        {
            metrics.Failed();
            LogFailed(log, error);
        }

        ArrayPool<byte>.Shared.Return(requests);
        await DrainAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        client.Dispose();
        _writing.Dispose();
        _forwards.Dispose();
    }

    private async Task ServeAsync(byte[] requests, CancellationToken stop)
    {
        var filled = 0;
        while (!stop.IsCancellationRequested)
        {
            using var silence = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, stop);
            int read;
            try
            {
                read = await client.ReceiveAsync(requests.AsMemory(filled, RequestSize - filled), either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (read == 0)
            {
                return;
            }

            filled += read;
            var used = await AnswerAllAsync(requests.AsMemory(0, filled)).ConfigureAwait(false);
            if (used < 0)
            {
                return;
            }

            requests.AsSpan(used, filled - used).CopyTo(requests);
            filled -= used;
        }
    }

    /// <summary>Answers every question that is there in full. Answers how much was used, negative if this is no DNS.</summary>
    private async Task<int> AnswerAllAsync(ReadOnlyMemory<byte> received)
    {
        var used = 0;
        var answers = ArrayPool<byte>.Shared.Rent(Prefix + MessageHeader.LargestMessage);
        try
        {
            var written = 0;
            while (received.Length - used >= Prefix)
            {
                int length = BinaryPrimitives.ReadUInt16BigEndian(received.Span[used..]);
                if (length is < MessageHeader.Size or > RequestSize - Prefix)
                {
                    return -1;
                }

                if (received.Length - used < Prefix + length)
                {
                    break;
                }

                var request = received.Slice(used + Prefix, length);
                used += Prefix + length;
                if (answers.Length - written < Prefix + MessageHeader.LargestMessage)
                {
                    await WriteAsync(answers.AsMemory(0, written)).ConfigureAwait(false);
                    written = 0;
                }

                switch (handler.Handle(request.Span, answers.AsSpan(written + Prefix), stream: true, out var answer))
                {
                    case Outcome.Reply:
                        BinaryPrimitives.WriteUInt16BigEndian(answers.AsSpan(written), (ushort)answer);
                        written += Prefix + answer;
                        break;
                    case Outcome.Forward or Outcome.ForwardAlias:
                        await _forwards.WaitAsync().ConfigureAwait(false);
                        _ = ForwardAsync(request.ToArray());
                        break;
                }
            }

            await WriteAsync(answers.AsMemory(0, written)).ConfigureAwait(false);
            return used;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(answers);
        }
    }

    private async Task ForwardAsync(byte[] request)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Prefix + MessageHeader.LargestMessage);
        try
        {
            var length = await handler.ForwardAsync(request, buffer.AsMemory(Prefix), stream: true).ConfigureAwait(false);
            BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
            await WriteAsync(buffer.AsMemory(0, Prefix + length)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // The client went away.
        }
        catch (Exception error)
        {
            metrics.Failed();
            LogFailed(log, error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _forwards.Release();
        }
    }

    /// <summary>Waits for the answers that other servers still owe.</summary>
    private async Task DrainAsync()
    {
        for (var i = 0; i < MostForwards; i++)
        {
            await _forwards.WaitAsync().ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> answers)
    {
        if (answers.Length == 0)
        {
            return;
        }

        using var late = new CancellationTokenSource(Patience, time);
        await _writing.WaitAsync(late.Token).ConfigureAwait(false);
        try
        {
            for (var sent = 0; sent < answers.Length;)
            {
                sent += await client.SendAsync(answers[sent..], late.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    [LoggerMessage(LogLevel.Error, "a question could not be answered")]
    private static partial void LogFailed(ILogger log, Exception error);
}
