using System.Buffers.Binary;
using System.Text;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>How a commit stands in a frame: the number of operations (4), then each: key length (2), key, value length (4, -1 for a deletion), value.</summary>
internal static class CommitEncoding
{
    /// <summary>How many bytes a commit takes.</summary>
    public static long Size(StoreOperation[] operations)
    {
        var size = 4L;
        foreach (var operation in operations)
        {
            size += 6 + operation.Key.Length + (operation.Value?.Length ?? 0);
        }

        return size;
    }

    /// <summary>Writes a commit and answers what is left of the target.</summary>
    public static Span<byte> Write(Span<byte> target, StoreOperation[] operations)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, operations.Length);
        target = target[4..];
        foreach (var (key, value) in operations)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)key.Length);
            Encoding.ASCII.GetBytes(key, target[2..]);
            target = target[(2 + key.Length)..];
            BinaryPrimitives.WriteInt32LittleEndian(target, value?.Length ?? -1);
            value.CopyTo(target[4..]);
            target = target[(4 + (value?.Length ?? 0))..];
        }

        return target;
    }

    /// <summary>Reads a commit.</summary>
    public static StoreOperation[] Read(ref ReadOnlySpan<byte> source)
    {
        var operations = new StoreOperation[BinaryPrimitives.ReadInt32LittleEndian(source)];
        source = source[4..];
        for (var i = 0; i < operations.Length; i++)
        {
            var keyLength = BinaryPrimitives.ReadUInt16LittleEndian(source);
            var key = Encoding.ASCII.GetString(source.Slice(2, keyLength));
            source = source[(2 + keyLength)..];
            var valueLength = BinaryPrimitives.ReadInt32LittleEndian(source);
            source = source[4..];
            byte[]? value = null;
            if (valueLength >= 0)
            {
                value = source[..valueLength].ToArray();
                source = source[valueLength..];
            }

            operations[i] = new StoreOperation(key, value);
        }

        return operations;
    }
}
