using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Modular.RuntimeNative.Protocol;

/// <summary>What a frame of an exec or attach session holds.</summary>
internal enum FrameType : byte
{
    Input = 0,
    Output = 1,
    Error = 2,
    /// <summary>Four bytes: the exit code. The last frame.</summary>
    Exit = 3,
    /// <summary>Four bytes: columns and rows.</summary>
    Resize = 4,
    /// <summary>No more input.</summary>
    EndOfInput = 5,
    /// <summary>UTF-8: why the rest of the output does not come. The last frame.</summary>
    Lost = 6,
}

/// <summary>
/// A connection between host and supervisor: lines of JSON, and after a request to exec or attach frames of one byte type, four bytes length (big
/// endian) and the bytes. One reader; any number of writers.
/// </summary>
internal sealed class Wire(Socket socket) : IDisposable
{
    public const int MaxFrame = 64 * 1024;
    private const int MaxLine = 64 * 1024 * 1024;
    private const int FrameHeader = 5;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>The socket's descriptor, to wait for its end together with others.</summary>
    public int Descriptor => (int)socket.Handle;

    /// <summary>Reads a message; null if the other side has closed.</summary>
    public async ValueTask<T?> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var searched = 0;
        while (true)
        {
            var newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + newline);
                _start += searched + newline + 1;
                return JsonSerializer.Deserialize(line.Span, type);
            }

            searched = _end - _start;
            if (searched > MaxLine)
            {
                throw new IOException("the other side of the supervisor's socket does not end its line");
            }

            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }
        }
    }

    public async ValueTask WriteAsync<T>(T message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, type);
        var line = new byte[json.Length + 1];
        json.CopyTo(line, 0);
        line[^1] = (byte)'\n';
        await SendAsync(line, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a frame; its bytes are valid until the next read. Null if the other side has closed.</summary>
    public async ValueTask<(FrameType Type, ReadOnlyMemory<byte> Data)?> ReadFrameAsync(CancellationToken cancellationToken)
    {
        if (!await FillToAsync(FrameHeader, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var type = (FrameType)_buffer[_start];
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + 1));
        if (length is < 0 or > MaxFrame)
        {
            throw new IOException($"a frame of {length} bytes on the supervisor's socket");
        }

        if (!await FillToAsync(FrameHeader + length, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var data = _buffer.AsMemory(_start + FrameHeader, length);
        _start += FrameHeader + length;
        return (type, data);
    }

    public async ValueTask WriteFrameAsync(FrameType type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var frame = new byte[FrameHeader + data.Length];
        frame[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), data.Length);
        data.CopyTo(frame.AsMemory(FrameHeader));
        await SendAsync(frame, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        socket.Dispose();
        _writing.Dispose();
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A message is sent whole or the connection is lost: half a line would spoil the next one.
            while (data.Length > 0)
            {
                data = data[await socket.SendAsync(data, CancellationToken.None).ConfigureAwait(false)..];
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    private async ValueTask<bool> FillToAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            var target = _start > 0 ? _buffer : new byte[_buffer.Length * 2];
            _buffer.AsSpan(_start, _end - _start).CopyTo(target);
            (_buffer, _end, _start) = (target, _end - _start, 0);
        }

        var read = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }
}
