using System.IO.Pipelines;
using Google.Protobuf;
using Grpc.Core;
using Modular.Abstractions;
using Protocol = Modular.PluginProcess.Protocol;

namespace Modular.PluginProcess.Contracts;

/// <summary>
/// A session in a container of another process: pipes on this side, messages on the other. A pipe that is full is what holds the other side up.
/// </summary>
internal sealed class RemoteContainerSession : IContainerSession
{
    private const int LongestChunk = 64 * 1024;

    private readonly CancellationTokenSource _over = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly TaskCompletionSource<int> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AsyncDuplexStreamingCall<Protocol.ExecInput, Protocol.ExecOutput> _call;
    private readonly Pipe? _input;
    private readonly Pipe _output = new();
    private readonly Pipe? _error;
    private Task _carrying = Task.CompletedTask;

    public RemoteContainerSession(Func<CancellationToken, AsyncDuplexStreamingCall<Protocol.ExecInput, Protocol.ExecOutput>> call, bool stdin, bool tty)
    {
        _input = stdin ? new Pipe() : null;
        _error = tty ? null : new Pipe();
        _call = call(_over.Token);
    }

    public PipeWriter? Input => _input?.Writer;

    public PipeReader Output => _output.Reader;

    public PipeReader? Error => _error?.Reader;

    public Task<int> Completion => _completion.Task;

    /// <summary>Begins.</summary>
    /// <exception cref="RuntimeException">The runtime refuses.</exception>
    /// <exception cref="PluginProcessException">The process did not answer, or is not there.</exception>
    public async ValueTask OpenAsync(RemotePlugin plugin, Protocol.ExecInput first, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(plugin.CallTimeout);
        try
        {
            await _call.RequestStream.WriteAsync(first, limited.Token).ConfigureAwait(false);
            if (!await _call.ResponseStream.MoveNext(limited.Token).ConfigureAwait(false))
            {
                throw plugin.Wrong("says nothing of a session");
            }
        }
        catch (Exception) when (limited.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw plugin.Late();
        }
        catch (Exception e) when (e is RpcException or IOException or InvalidOperationException && e is not PluginProcessException)
        {
            throw plugin.Failure(e);
        }

        RuntimeMessages.ThrowIf(_call.ResponseStream.Current.Refused);
        _carrying = Task.WhenAll(ReceiveAsync(), _input is null ? Task.CompletedTask : SendInputAsync(_input.Reader));
    }

    public async ValueTask ResizeAsync(int columns, int rows, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(new() { Resize = new() { Columns = columns, Rows = rows } }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The command has ended, and its terminal with it.
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The process ends a command, and leaves a container, when the call goes.
        await _over.CancelAsync().ConfigureAwait(false);
        await _carrying.ConfigureAwait(false);
        _call.Dispose();
        _over.Dispose();
        _sending.Dispose();
    }

    private static bool IsEnd(Exception e) => e is RpcException or IOException or InvalidOperationException or OperationCanceledException;

    private async Task ReceiveAsync()
    {
        var lost = new RuntimeException("StreamLost", "the connection to the container was lost");
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
                var output = _call.ResponseStream.Current;
                switch (output.OutputCase)
                {
                    case Protocol.ExecOutput.OutputOneofCase.Stdout:
                        await _output.Writer.WriteAsync(output.Stdout.Memory, _over.Token).ConfigureAwait(false);
                        break;
                    case Protocol.ExecOutput.OutputOneofCase.Stderr when _error is not null:
                        await _error.Writer.WriteAsync(output.Stderr.Memory, _over.Token).ConfigureAwait(false);
                        break;
                    case Protocol.ExecOutput.OutputOneofCase.Exited:
                        await CompleteAsync(null).ConfigureAwait(false);
                        _completion.TrySetResult(output.Exited.Code);
                        break;
                    case Protocol.ExecOutput.OutputOneofCase.Refused:
                        lost = RuntimeMessages.FromMessage(output.Refused);
                        break;
                    default:
                        break;
                }
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The process is gone, or this session is over.
        }

        await CompleteAsync(lost).ConfigureAwait(false);
        _completion.TrySetException(lost);
        // Nobody has to wait for a command that was given up.
        _ = _completion.Task.Exception;
        // What the command did not read is lost.
        await _over.CancelAsync().ConfigureAwait(false);
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
            ReadResult read;
            do
            {
                read = await input.ReadAsync(_over.Token).ConfigureAwait(false);
                foreach (var segment in read.Buffer)
                {
                    for (var at = 0; at < segment.Length; at += LongestChunk)
                    {
                        var chunk = ByteString.CopyFrom(segment.Span[at..Math.Min(segment.Length, at + LongestChunk)]);
                        await SendAsync(new() { Stdin = chunk }, _over.Token).ConfigureAwait(false);
                    }
                }

                input.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
            await SendAsync(new() { EndOfInput = new() }, _over.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The command has ended; what it did not read is lost.
        }

        await input.CompleteAsync().ConfigureAwait(false);
    }

    private async Task SendAsync(Protocol.ExecInput message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _call.RequestStream.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }
}
