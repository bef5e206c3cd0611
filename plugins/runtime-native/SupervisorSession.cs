using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Modular.Abstractions;
using Modular.RuntimeNative.Protocol;

namespace Modular.Plugins.RuntimeNative;

/// <summary>A command in a container, or a container that is attached to: pipes on this side, frames on the supervisor's.</summary>
internal sealed class SupervisorSession : IContainerSession
{
    private readonly Wire _wire;
    private readonly IDisposable _call;
    private readonly Pipe? _input;
    private readonly Pipe _output = new();
    private readonly Pipe? _error;
    private readonly TaskCompletionSource<int> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="wire">Leads to the supervisor, which has begun the session.</param>
    /// <param name="stdin">Whether there is input.</param>
    /// <param name="tty">Whether errors are part of the output.</param>
    /// <param name="call">Disposed of with the session.</param>
    public SupervisorSession(Wire wire, bool stdin, bool tty, IDisposable call)
    {
        _wire = wire;
        _call = call;
        _input = stdin ? new Pipe() : null;
        _error = tty ? null : new Pipe();
        _ = ReceiveAsync();
        if (_input is not null)
        {
            _ = SendInputAsync(_input.Reader);
        }
    }

    public PipeWriter? Input => _input?.Writer;

    public PipeReader Output => _output.Reader;

    public PipeReader? Error => _error?.Reader;

    public Task<int> Completion => _completion.Task;

    public ValueTask ResizeAsync(int columns, int rows, CancellationToken cancellationToken)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)columns);
        BinaryPrimitives.WriteUInt16BigEndian(size.AsSpan(2), (ushort)rows);
        return _wire.WriteFrameAsync(FrameType.Resize, size, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        // The supervisor kills a command, and lets go of a container, when the connection goes.
        _wire.Dispose();
        _input?.Reader.CancelPendingRead();
        _call.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReceiveAsync()
    {
        RuntimeException? lost = null;
        try
        {
            while (await _wire.ReadFrameAsync(CancellationToken.None).ConfigureAwait(false) is { } frame)
            {
                switch (frame.Type)
                {
                    case FrameType.Output:
                        await _output.Writer.WriteAsync(frame.Data).ConfigureAwait(false);
                        break;
                    case FrameType.Error when _error is not null:
                        await _error.Writer.WriteAsync(frame.Data).ConfigureAwait(false);
                        break;
                    case FrameType.Lost:
                        lost = new RuntimeException("StreamLost", Encoding.UTF8.GetString(frame.Data.Span));
                        break;
                    case FrameType.Exit:
                        var code = BinaryPrimitives.ReadInt32BigEndian(frame.Data.Span);
                        await CompleteAsync(null).ConfigureAwait(false);
                        _completion.TrySetResult(code);
                        return;
                    default:
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            lost ??= new RuntimeException("StreamLost", $"the connection to the container was lost: {exception.Message}");
        }

        lost ??= new RuntimeException("StreamLost", "the connection to the container was lost");
        await CompleteAsync(lost).ConfigureAwait(false);
        _completion.TrySetException(lost);
    }

    private async Task CompleteAsync(Exception? exception)
    {
        await _output.Writer.CompleteAsync(exception).ConfigureAwait(false);
        if (_error is not null)
        {
            await _error.Writer.CompleteAsync(exception).ConfigureAwait(false);
        }
    }

    private async Task SendInputAsync(PipeReader input)
    {
        try
        {
            while (true)
            {
                var read = await input.ReadAsync().ConfigureAwait(false);
                foreach (var segment in read.Buffer)
                {
                    for (var at = 0; at < segment.Length; at += Wire.MaxFrame)
                    {
                        await _wire.WriteFrameAsync(
                            FrameType.Input, segment[at..Math.Min(segment.Length, at + Wire.MaxFrame)], CancellationToken.None).ConfigureAwait(false);
                    }
                }

                input.AdvanceTo(read.Buffer.End);
                if (read.IsCanceled)
                {
                    break;
                }

                if (read.IsCompleted)
                {
                    await _wire.WriteFrameAsync(FrameType.EndOfInput, default, CancellationToken.None).ConfigureAwait(false);
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The command has ended; what it did not read is lost.
        }

        await input.CompleteAsync().ConfigureAwait(false);
    }
}
