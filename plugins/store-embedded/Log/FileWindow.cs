using Modular.Plugins.StoreEmbedded.Files;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>Reads a file through a buffer that moves along: a large log costs no large array.</summary>
internal sealed class FileWindow(IStoreFile file)
{
    public const int Step = 1 << 20;

    private byte[] _buffer = new byte[Step];
    private long _start;
    private int _count;

    public long Length { get; } = file.Length;

    /// <summary>The bytes from a position on, fewer than asked for only where the file ends. Valid until the next call.</summary>
    public ReadOnlySpan<byte> At(long position, long count)
    {
        var wanted = (int)Math.Min(count, Math.Max(0, Length - position));
        if (position < _start || position + wanted > _start + _count)
        {
            if (_buffer.Length < wanted)
            {
                _buffer = new byte[wanted];
            }

            _start = position;
            _count = file.Read(_buffer, position);
        }

        var available = Math.Clamp(_start + _count - position, 0, wanted);
        return _buffer.AsSpan((int)(position - _start), (int)available);
    }
}
