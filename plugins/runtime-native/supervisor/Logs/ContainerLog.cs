using System.Buffers;
using System.Globalization;
using System.Text;

namespace Modular.RuntimeNative.Supervisor.Logs;

/// <summary>
/// A container's log file in CRI format: <c>time stream tag content</c>, a line each; tag P says that the line goes on in the next.
/// Used by the event loop only, by one thread at a time.
/// </summary>
internal sealed class ContainerLog : IDisposable
{
    private readonly ArrayBufferWriter<byte> _pending = new(4096);
    private readonly LogRotation _rotation;
    private readonly TimeProvider _time;
    private readonly byte[] _stamp = new byte[31];
    private FileStream _file;
    private int _streams;

    /// <param name="rotation">Where the file is, which is appended to if it exists, and how long it may be.</param>
    /// <param name="streams">How many streams will say <see cref="Release"/>.</param>
    /// <param name="time">The clock of the lines.</param>
    public ContainerLog(LogRotation rotation, int streams, TimeProvider time)
    {
        _rotation = rotation;
        _file = rotation.Open();
        _streams = streams;
        _time = time;
    }

    /// <summary>How many bytes could not be written because the disk was full or broken.</summary>
    public long Lost { get; private set; }

    /// <summary>The lines that follow were read now.</summary>
    public void Stamp()
    {
        // Seven digits are what the clock has; the format wants nine.
        var text = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffff00Z ", CultureInfo.InvariantCulture);
        Encoding.ASCII.GetBytes(text, _stamp);
    }

    public void Append(ReadOnlySpan<byte> stream, bool complete, ReadOnlySpan<byte> content)
    {
        var kind = complete ? " F "u8 : " P "u8;
        if (_rotation.IsDue(_file.Position + _pending.WrittenCount, _stamp.Length + stream.Length + kind.Length + content.Length + 1))
        {
            Flush();
            _file = _rotation.Next(_file);
        }

        _pending.Write(_stamp);
        _pending.Write(stream);
        _pending.Write(kind);
        _pending.Write(content);
        _pending.Write("\n"u8);
    }

    /// <summary>Hands what was appended to the operating system, where readers see it and this process's death does not matter.</summary>
    public void Flush()
    {
        if (_pending.WrittenCount == 0)
        {
            return;
        }

        try
        {
            _file.Write(_pending.WrittenSpan);
        }
        catch (IOException)
        {
            Lost += _pending.WrittenCount;
        }

        _pending.ResetWrittenCount();
    }

    /// <summary>One stream has ended; the last one closes the file.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _streams) == 0)
        {
            Dispose();
        }
    }

    public void Dispose() => _file.Dispose();
}
