using System.Buffers;

namespace Modular.ApiMachinery;

/// <summary>Bytes that grow, in an array of the pool, and can be changed after they were written. Not thread-safe.</summary>
internal sealed class PooledBuffer(int capacity = PooledBuffer.Smallest) : IBufferWriter<byte>, IDisposable
{
    private const int Smallest = 4096;
    // What one large object needed is not kept for as long as a watch lasts.
    private const int LargestKept = 256 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, Length);

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > LargestKept)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(Smallest);
        }
    }

    /// <summary>Forgets what stands behind a length.</summary>
    public void Truncate(int length) => Length = length;

    public void Advance(int count) => Length += count;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(Length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public void WriteByte(byte value)
    {
        Reserve(1);
        _bytes[Length++] = value;
    }

    /// <summary>Takes some of what was written out again.</summary>
    public void Remove(int at, int count)
    {
        _bytes.AsSpan(at + count, Length - at - count).CopyTo(_bytes.AsSpan(at));
        Length -= count;
    }

    /// <summary>Moves what stands from a place on, and so leaves room there.</summary>
    public void MakeRoom(int at, int count)
    {
        Reserve(count);
        _bytes.AsSpan(at, Length - at).CopyTo(_bytes.AsSpan(at + count));
        Length += count;
    }

    /// <summary>What was written from a place on, to be written over.</summary>
    public Span<byte> SpanFrom(int at) => _bytes.AsSpan(at, Length - at);

    public byte[] ToArray() => WrittenSpan.ToArray();

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            (_bytes, Length) = ([], 0);
        }
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Length >= count)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Length + count), (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
        WrittenSpan.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
