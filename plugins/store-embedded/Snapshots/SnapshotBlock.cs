using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Modular.Plugins.StoreEmbedded.Index;
using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Snapshots;

/// <summary>
/// Part of a snapshot: length (4), number of entries (4), CRC-32C of the rest (4), entries. The last block has no entries but the number of
/// all: eight bytes. An entry: key length (2), value length (4), revisions of creation and of the last write (8 each), key, value.
/// </summary>
internal static class SnapshotBlock
{
    public const int HeaderSize = 12;
    public const int Size = 256 << 10;
    private const int EntryHeaderSize = 22;

    public static void WriteEntry(ArrayBufferWriter<byte> block, in StoreEntry entry)
    {
        var size = EntryHeaderSize + entry.Key.Length + entry.Value.Length;
        var target = block.GetSpan(size);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)entry.Key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[2..], entry.Value.Length);
        BinaryPrimitives.WriteInt64LittleEndian(target[6..], entry.CreateRevision);
        BinaryPrimitives.WriteInt64LittleEndian(target[14..], entry.ModRevision);
        Encoding.ASCII.GetBytes(entry.Key, target[EntryHeaderSize..]);
        entry.Value.Span.CopyTo(target[(EntryHeaderSize + entry.Key.Length)..]);
        block.Advance(size);
    }

    public static void WriteHeader(Span<byte> header, ReadOnlySpan<byte> content, int entries)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, content.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], entries);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Crc32C.Of(content));
    }

    public static (int Length, int Entries, uint Checksum) ReadHeader(ReadOnlySpan<byte> header) =>
        (BinaryPrimitives.ReadInt32LittleEndian(header), BinaryPrimitives.ReadInt32LittleEndian(header[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[8..]));

    public static void ReadEntries(ReadOnlySpan<byte> content, int entries, MemoryIndex index)
    {
        for (var i = 0; i < entries; i++)
        {
            var keyLength = BinaryPrimitives.ReadUInt16LittleEndian(content);
            var size = EntryHeaderSize + keyLength + BinaryPrimitives.ReadInt32LittleEndian(content[2..]);
            index.Restore(
                Encoding.ASCII.GetString(content.Slice(EntryHeaderSize, keyLength)),
                content[(EntryHeaderSize + keyLength)..size].ToArray(),
                BinaryPrimitives.ReadInt64LittleEndian(content[6..]),
                BinaryPrimitives.ReadInt64LittleEndian(content[14..]));
            content = content[size..];
        }
    }
}
