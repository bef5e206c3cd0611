namespace Modular.ApiMachinery;

/// <summary>Writes varints, and the lengths of messages once these are written.</summary>
internal static class MessageLengths
{
    public static void WriteVarint(this PooledBuffer buffer, ulong value) => buffer.Advance(Wire.WriteVarint(buffer.GetSpan(Wire.LongestVarint), value));

    /// <summary>Leaves room for a length; answers where.</summary>
    public static int BeginLength(this PooledBuffer buffer)
    {
        buffer.WriteByte(0);
        return buffer.Length;
    }

    /// <summary>Fills in the length of all that was written since. Most need the one byte that was left; what follows moves for the others.</summary>
    public static void EndLength(this PooledBuffer buffer, int begin)
    {
        var length = (ulong)(buffer.Length - begin);
        if (Wire.VarintSize(length) is > 1 and var size)
        {
            buffer.MakeRoom(begin, size - 1);
        }

        Wire.WriteVarint(buffer.SpanFrom(begin - 1), length);
    }
}
