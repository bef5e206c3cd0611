using System.Buffers;
using System.IO.Pipelines;

namespace Modular.Plugins.NodeAgent.PortForward.Spdy;

/// <summary>A stream that the peer opened.</summary>
internal sealed class SpdyStream : IForwardedStream
{
    // SPDY's windows are not used by Kubernetes' clients: what a stream's reader leaves here for long holds up the others.
    private const int Window = 256 * 1024;

    private static readonly PipeOptions Options = new(pauseWriterThreshold: Window, resumeWriterThreshold: Window / 2, useSynchronizationContext: false);

    private readonly SpdyConnection _connection;
    private readonly Pipe _input = new(Options);
    private int _inputEnded;
    private int _finished;

    public SpdyStream(SpdyConnection connection, uint id, IReadOnlyDictionary<string, string> headers)
    {
        _connection = connection;
        Id = id;
        Headers = headers;
    }

    public uint Id { get; }

    public IReadOnlyDictionary<string, string> Headers { get; }

    public PipeReader Input => _input.Reader;

    /// <summary>Whether neither side sends any more.</summary>
    public bool IsClosed => Volatile.Read(ref _inputEnded) != 0 && Volatile.Read(ref _finished) != 0;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        Volatile.Read(ref _finished) == 0
            ? _connection.WriteDataAsync(Id, data, finish: false, cancellationToken)
            : throw new IOException("the stream was closed");

    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _finished, 1) == 0)
        {
            ForgetIfClosed();
            await _connection.WriteDataAsync(Id, ReadOnlyMemory<byte>.Empty, finish: true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes in a part of what the peer sends; waits while too much is unread.</summary>
    internal async ValueTask ReceiveAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        // Nobody reads any more, or the peer goes on after its end: it is lost.
        if (Volatile.Read(ref _inputEnded) != 0)
        {
            return;
        }

        foreach (var part in data)
        {
            await _input.Writer.WriteAsync(part, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The peer sends no more.</summary>
    internal void EndInput()
    {
        if (Interlocked.Exchange(ref _inputEnded, 1) == 0)
        {
            _input.Writer.Complete();
            ForgetIfClosed();
        }
    }

    /// <summary>The peer has reset the stream, or has gone.</summary>
    internal void Abort()
    {
        Interlocked.Exchange(ref _finished, 1);
        if (Interlocked.Exchange(ref _inputEnded, 1) == 0)
        {
            _input.Writer.Complete(new IOException("the client has closed the stream"));
        }

        ForgetIfClosed();
    }

    private void ForgetIfClosed()
    {
        if (IsClosed)
        {
            _connection.Forget(Id);
        }
    }
}
