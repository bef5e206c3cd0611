using System.Buffers;

namespace Modular.ApiMachinery;

/// <summary>Bytes that grow, in an array of the pool, with the lengths of messages filled in behind them. Not thread-safe.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int Smallest = 4096;
    // What one large object needed is not kept for as long as a watch lasts.
    private const int LargestKept = 256 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Smallest);

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

    public void WriteVarint(ulong value)
    {
        Reserve(Wire.LongestVarint);
        Length += Wire.WriteVarint(_bytes.AsSpan(Length), value);
    }

    /// <summary>Leaves room for a length; answers where.</summary>
    public int BeginLength()
    {
        WriteByte(0);
        return Length;
    }

    /// <summary>Fills in the length of all that was written since. Most need the one byte that was left; what follows moves for the others.</summary>
    public void EndLength(int begin)
    {
        var length = Length - begin;
        var size = Wire.VarintSize((ulong)length);
        if (size > 1)
        {
            Reserve(size - 1);
            _bytes.AsSpan(begin, length).CopyTo(_bytes.AsSpan(begin + size - 1));
            Length += size - 1;
        }

        Wire.WriteVarint(_bytes.AsSpan(begin - 1), (ulong)length);
    }

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
