using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Modular.Plugins.Dns.Answering;
using Modular.Plugins.Dns.Wire;

namespace Modular.Plugins.Dns.Serving;

/// <summary>
/// Answers datagrams from a lent socket, with threads of its own that take many at a time. The socket is shared with the server that was
/// here before or comes after, so nothing of it is changed: waiting is done beside it, and ends without closing it.
/// </summary>
internal sealed partial class UdpServer : IAsyncDisposable
{
    private readonly Func<QuestionHandler> _newHandler;
    private readonly DnsMetrics _metrics;
    private readonly ILogger _log;
    private readonly int _descriptor;
    private readonly int _end;
    private readonly Task[] _threads;
    private int _forwarding = 1;
    private readonly TaskCompletionSource _forwarded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _disposed;

    /// <summary>Begins to serve.</summary>
    public UdpServer(Socket socket, int threads, Func<QuestionHandler> newHandler, DnsMetrics metrics, ILogger log)
    {
        _newHandler = newHandler;
        _metrics = metrics;
        _log = log;

        // The lease keeps it open for as long as this serves.
        _descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        _end = DatagramCalls.CreateEvent(0, DatagramCalls.CloseOnExec);
        _threads = new Task[threads];
        for (var i = 0; i < threads; i++)
        {
            _threads[i] = Start($"dns-udp-{i}");
        }
    }

    /// <summary>Reads no more, and lets what is being asked of other servers come to its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        SignalEnd();
        await Task.WhenAll(_threads).ConfigureAwait(false);
        EndForward();
        await _forwarded.Task.ConfigureAwait(false);
        _ = DatagramCalls.Close(_end);
    }

    private unsafe void SignalEnd()
    {
        ulong one = 1;
        _ = DatagramCalls.Write(_end, &one, sizeof(ulong));
    }

    private Task Start(string name)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                Serve();
            }
            catch (Exception error)
            {
                LogThreadEnded(_log, error);
            }

            ended.SetResult();
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return ended.Task;
    }

    private void Serve()
    {
        var poll = DatagramCalls.CreatePoll(DatagramCalls.CloseOnExec);
        using var batch = new DatagramBatch();
        var handler = _newHandler();
        try
        {
            if (DatagramCalls.AddPoll(poll, _descriptor, DatagramCalls.ReadyToRead | DatagramCalls.WakeOne) != 0
                || DatagramCalls.AddPoll(poll, _end, DatagramCalls.ReadyToRead) != 0)
            {
                throw new IOException($"cannot wait for datagrams: {Marshal.GetLastPInvokeErrorMessage()}");
            }

            // Whoever was woken reads, even at the end: nobody else was woken for the same datagram.
            bool goesOn;
            do
            {
                goesOn = Wait(poll);
                AnswerAll(handler, batch);
            }
            while (goesOn);
        }
        finally
        {
            _ = DatagramCalls.Close(poll);
        }
    }

    private void AnswerAll(QuestionHandler handler, DatagramBatch batch)
    {
        int count;
        do
        {
            count = batch.Receive(_descriptor);
            for (var i = 0; i < count; i++)
            {
                Answer(handler, batch, i);
            }

            if (batch.Send(_descriptor) is > 0 and var unsent)
            {
                _metrics.Unsent(unsent);
            }
        }
        while (count == DatagramBatch.Size);
    }

    /// <summary>Waits for datagrams. False when it is over.</summary>
    private unsafe bool Wait(int poll)
    {
        var events = stackalloc byte[DatagramCalls.EventSize];
        while (DatagramCalls.WaitPoll(poll, events, 1, -1) < 0)
        {
            if (Marshal.GetLastPInvokeError() != DatagramCalls.Interrupted)
            {
                throw new IOException($"cannot wait for datagrams: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }

        return !Volatile.Read(ref _disposed);
    }

    private void Answer(QuestionHandler handler, DatagramBatch batch, int index)
    {
        try
        {
            switch (handler.Handle(batch.Request(index), batch.NextResponse, stream: false, out var length))
            {
                case Outcome.Reply:
                    batch.Answer(index, length);
                    break;
                case Outcome.Forward or Outcome.ForwardAlias:
                    _ = ForwardAsync(handler, batch.Request(index).ToArray(), batch.Sender(index).ToArray());
                    break;
            }
        }
        catch (Exception error)
        {
            // A message that this server fails at must not end it.
            _metrics.Failed();
            LogFailed(_log, error);
        }
    }

    private async Task ForwardAsync(QuestionHandler handler, byte[] request, byte[] sender)
    {
        Interlocked.Increment(ref _forwarding);
        var buffer = ArrayPool<byte>.Shared.Rent(MessageHeader.LargestPayload);
        try
        {
            var length = await handler.ForwardAsync(request, buffer, stream: false).ConfigureAwait(false);
            Send(buffer.AsSpan(0, length), sender);
        }
        catch (Exception error)
        {
            _metrics.Failed();
            LogFailed(_log, error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            EndForward();
        }
    }

    private unsafe void Send(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> receiver)
    {
        fixed (byte* bytes = answer)
        fixed (byte* address = receiver)
        {
            if (DatagramCalls.Send(_descriptor, bytes, (nuint)answer.Length, DatagramCalls.DontWait, address, (uint)receiver.Length) < 0)
            {
                _metrics.Unsent(1);
            }
        }
    }

    private void EndForward()
    {
        if (Interlocked.Decrement(ref _forwarding) == 0)
        {
            _forwarded.SetResult();
        }
    }

    [LoggerMessage(LogLevel.Error, "a thread that answers datagrams ended")]
    private static partial void LogThreadEnded(ILogger log, Exception error);

    [LoggerMessage(LogLevel.Error, "a question could not be answered")]
    private static partial void LogFailed(ILogger log, Exception error);
}
