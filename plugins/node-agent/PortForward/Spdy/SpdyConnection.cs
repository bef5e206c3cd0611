using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Pipelines;

namespace Modular.Plugins.NodeAgent.PortForward.Spdy;

/// <summary>
/// The server's side of a SPDY/3.1 connection, as far as Kubernetes uses it: streams that the peer opens, pings, and no windows. What a peer may make it
/// keep is bounded.
/// </summary>
/// <param name="transport">Carries the frames.</param>
/// <param name="acceptor">Takes the streams.</param>
internal sealed class SpdyConnection(Stream transport, ISpdyAcceptor acceptor) : IDisposable
{
    /// <summary>How many streams a peer may have open.</summary>
    public const int MostStreams = 1024;

    /// <summary>How long a control frame may be.</summary>
    public const int LongestControlFrame = 16 * 1024;

    private const int LongestData = 32 * 1024;

    private readonly ConcurrentDictionary<uint, SpdyStream> _streams = new();
    private readonly SpdyHeaderReader _headers = new();
    private readonly SpdyHeaderWriter _answers = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly byte[] _control = new byte[LongestControlFrame];
    private uint _lastStream;

    public void Dispose()
    {
        _answers.Dispose();
        _writing.Dispose();
    }

    /// <summary>Serves the peer until it has gone, says goodbye or breaks the protocol; then all of its streams are aborted.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(transport, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            while (await ReadFrameAsync(reader, cancellationToken).ConfigureAwait(false))
            {
            }
        }
        catch (SpdyException)
        {
            await GoAwayAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
            foreach (var stream in _streams.Values)
            {
                stream.Abort();
            }
        }
    }

    /// <summary>Sends data on a stream, in frames that others can come between.</summary>
    public async ValueTask WriteDataAsync(uint streamId, ReadOnlyMemory<byte> data, bool finish, CancellationToken cancellationToken)
    {
        do
        {
            var part = data[..Math.Min(data.Length, LongestData)];
            data = data[part.Length..];
            var frame = ArrayPool<byte>.Shared.Rent(SpdyFrame.HeaderSize + part.Length);
            try
            {
                SpdyFrame.WriteData(frame, streamId, finish && data.IsEmpty ? SpdyFrame.Finish : (byte)0, part.Length);
                part.CopyTo(frame.AsMemory(SpdyFrame.HeaderSize));
                await WriteAsync(frame.AsMemory(0, SpdyFrame.HeaderSize + part.Length), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(frame);
            }
        }
        while (!data.IsEmpty);
    }

    internal void Forget(uint streamId) => _streams.TryRemove(streamId, out _);

    private async ValueTask<bool> ReadFrameAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        var read = await reader.ReadAtLeastAsync(SpdyFrame.HeaderSize, cancellationToken).ConfigureAwait(false);
        if (read.Buffer.Length < SpdyFrame.HeaderSize)
        {
            return false;
        }

        var frame = HeaderOf(read.Buffer);
        reader.AdvanceTo(read.Buffer.GetPosition(SpdyFrame.HeaderSize));
        return frame.IsControl
            ? await ReadControlAsync(reader, frame, cancellationToken).ConfigureAwait(false)
            : await ReadDataAsync(reader, frame, cancellationToken).ConfigureAwait(false);
    }

    private static SpdyFrame HeaderOf(ReadOnlySequence<byte> buffer)
    {
        Span<byte> header = stackalloc byte[SpdyFrame.HeaderSize];
        buffer.Slice(0, SpdyFrame.HeaderSize).CopyTo(header);
        return SpdyFrame.Read(header);
    }

    private async ValueTask<bool> ReadDataAsync(PipeReader reader, SpdyFrame frame, CancellationToken cancellationToken)
    {
        var stream = _streams.GetValueOrDefault(frame.StreamId);
        for (var left = (long)frame.Length; left > 0;)
        {
            var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read.Buffer.IsEmpty && read.IsCompleted)
            {
                return false;
            }

            var part = read.Buffer.Slice(0, Math.Min(left, read.Buffer.Length));
            left -= part.Length;
            if (stream is not null)
            {
                await stream.ReceiveAsync(part, cancellationToken).ConfigureAwait(false);
            }

            reader.AdvanceTo(part.End);
        }

        if (frame.Finishes)
        {
            stream?.EndInput();
        }

        return true;
    }

    private async ValueTask<bool> ReadControlAsync(PipeReader reader, SpdyFrame frame, CancellationToken cancellationToken)
    {
        if (frame.Length > LongestControlFrame)
        {
            throw new SpdyException($"a control frame is longer than {LongestControlFrame} bytes");
        }

        if (!await FillAsync(reader, frame.Length, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        switch (frame.Type)
        {
            case SpdyFrameType.SynStream:
                await OpenAsync(frame, cancellationToken).ConfigureAwait(false);
                return true;
            case SpdyFrameType.RstStream:
                _streams.GetValueOrDefault(Number(frame, 0) & SpdyFrame.StreamIdMask)?.Abort();
                return true;
            case SpdyFrameType.Headers:
                ReadHeaders(frame, before: sizeof(uint));
                EndInputOf(frame);
                return true;
            case SpdyFrameType.Ping:
                await AnswerPingAsync(Number(frame, 0), cancellationToken).ConfigureAwait(false);
                return true;
            case SpdyFrameType.GoAway:
                return false;
            default:
                // Settings and windows are not used, and what is not known is passed over.
                return true;
        }
    }

    private async ValueTask<bool> FillAsync(PipeReader reader, int length, CancellationToken cancellationToken)
    {
        if (length > 0)
        {
            var read = await reader.ReadAtLeastAsync(length, cancellationToken).ConfigureAwait(false);
            if (read.Buffer.Length < length)
            {
                return false;
            }

            var content = read.Buffer.Slice(0, length);
            content.CopyTo(_control);
            reader.AdvanceTo(content.End);
        }

        return true;
    }

    private void EndInputOf(SpdyFrame frame)
    {
        if (frame.Finishes)
        {
            _streams.GetValueOrDefault(Number(frame, 0) & SpdyFrame.StreamIdMask)?.EndInput();
        }
    }

    private async ValueTask OpenAsync(SpdyFrame frame, CancellationToken cancellationToken)
    {
        // The id, another stream's, priority and slot.
        const int fixedPart = 10;
        var headers = ReadHeaders(frame, fixedPart);
        var id = Number(frame, 0) & SpdyFrame.StreamIdMask;
        if (id % 2 == 0 || id <= _lastStream)
        {
            throw new SpdyException($"stream {id} can't follow {_lastStream}");
        }

        _lastStream = id;
        var stream = new SpdyStream(this, id, headers);
        if (Examine(frame, stream) is { } refusal)
        {
            await WriteNumbersAsync(SpdyFrameType.RstStream, [id, (uint)refusal], cancellationToken).ConfigureAwait(false);
            return;
        }

        _streams[id] = stream;
        if (frame.Finishes)
        {
            stream.EndInput();
        }

        // Nothing may be sent on a stream before it is answered.
        await AnswerAsync(id, cancellationToken).ConfigureAwait(false);
        acceptor.Accept(stream);
    }

    private SpdyReset? Examine(SpdyFrame frame, SpdyStream stream)
    {
        if (_streams.Count >= MostStreams)
        {
            return SpdyReset.RefusedStream;
        }

        return (frame.Flags & SpdyFrame.Unidirectional) != 0 ? SpdyReset.ProtocolError : acceptor.Examine(stream);
    }

    private IReadOnlyDictionary<string, string> ReadHeaders(SpdyFrame frame, int before) => frame.Length >= before
        ? _headers.Read(_control, before, frame.Length - before)
        : throw new SpdyException("a control frame is too short");

    private uint Number(SpdyFrame frame, int offset) => frame.Length >= offset + sizeof(uint)
        ? BinaryPrimitives.ReadUInt32BigEndian(_control.AsSpan(offset))
        : throw new SpdyException("a control frame is too short");

    private async ValueTask AnswerAsync(uint streamId, CancellationToken cancellationToken)
    {
        var block = _answers.WriteNone();
        var answer = new byte[SpdyFrame.HeaderSize + sizeof(uint) + block.Length];
        SpdyFrame.WriteControl(answer, SpdyFrameType.SynReply, 0, answer.Length - SpdyFrame.HeaderSize);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(SpdyFrame.HeaderSize), streamId);
        block.CopyTo(answer.AsMemory(SpdyFrame.HeaderSize + sizeof(uint)));
        await WriteAsync(answer, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask AnswerPingAsync(uint id, CancellationToken cancellationToken)
    {
        // Even ones would be answers to pings of this side, which sends none.
        if (id % 2 != 0)
        {
            await WriteNumbersAsync(SpdyFrameType.Ping, [id], cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask GoAwayAsync(CancellationToken cancellationToken)
    {
        const uint protocolError = 1;
        return WriteNumbersAsync(SpdyFrameType.GoAway, [_lastStream, protocolError], cancellationToken);
    }

    private ValueTask WriteNumbersAsync(SpdyFrameType type, ReadOnlySpan<uint> numbers, CancellationToken cancellationToken)
    {
        var frame = new byte[SpdyFrame.HeaderSize + (numbers.Length * sizeof(uint))];
        SpdyFrame.WriteControl(frame, type, 0, frame.Length - SpdyFrame.HeaderSize);
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(SpdyFrame.HeaderSize + (i * sizeof(uint))), numbers[i]);
        }

        return WriteAsync(frame, cancellationToken);
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await transport.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }
}
