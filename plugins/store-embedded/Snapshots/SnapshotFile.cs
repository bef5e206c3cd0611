using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Modular.Plugins.StoreEmbedded.Files;
using Modular.Plugins.StoreEmbedded.Index;
using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Snapshots;

/// <summary>
/// All keys as of one revision in one file: blocks of entries, each with its length and checksum, closed by a block that counts them. It
/// takes its name only when it is whole and on disk.
/// </summary>
internal static class SnapshotFile
{
    private const string Prefix = "snapshot-";
    private const string Unfinished = "writing-snapshot";
    private const int BlockSize = 256 * 1024;
    private static readonly byte[] Magic = "MODSNAP1"u8.ToArray();

    /// <summary>The revision a file name stands for; false if it is no snapshot's name.</summary>
    public static bool TryParse(string name, out long revision)
    {
        revision = 0;
        return name.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out revision);
    }

    /// <summary>Writes the entries of a revision; when it returns, the snapshot would survive anything.</summary>
    public static void Write(IStoreFiles files, long revision, IReadOnlyList<StoreEntry> entries)
    {
        if (files.List().Contains(Unfinished))
        {
            files.Delete(Unfinished);
        }

        using (var file = files.Open(Unfinished, create: true))
        {
            file.Write(Magic, 0);
            long position = Magic.Length;
            var block = new ArrayBufferWriter<byte>(BlockSize * 2);
            foreach (var entry in entries)
            {
                WriteEntry(block, entry);
                if (block.WrittenCount >= BlockSize)
                {
                    position = WriteBlock(file, block, position);
                }
            }

            position = WriteBlock(file, block, position);
            // The closing block: the number of entries, under a length no other block has.
            BinaryPrimitives.WriteInt64LittleEndian(block.GetSpan(8), entries.Count);
            block.Advance(8);
            WriteBlock(file, block, position);
            file.Sync();
        }

        files.Rename(Unfinished, Prefix + revision.ToString("d20", CultureInfo.InvariantCulture));
        files.SyncDirectory();
    }

    /// <summary>Reads a snapshot into an empty index.</summary>
    /// <exception cref="CorruptLogException">It is damaged.</exception>
    public static void Read(IStoreFiles files, string name, MemoryIndex index)
    {
        ReadOnlySpan<byte> content = files.Read(name);
        if (!content.StartsWith(Magic))
        {
            throw new CorruptLogException(name, 0, "it is not a snapshot");
        }

        var position = Magic.Length;
        var count = 0L;
        while (true)
        {
            var block = ReadBlock(name, content, ref position);
            if (block.Length == 8 && position == content.Length)
            {
                if (BinaryPrimitives.ReadInt64LittleEndian(block) != count)
                {
                    throw new CorruptLogException(name, position, "entries are missing");
                }

                return;
            }

            while (block.Length > 0)
            {
                ReadEntry(ref block, index);
                count++;
            }
        }
    }

    private static void WriteEntry(ArrayBufferWriter<byte> block, in StoreEntry entry)
    {
        var size = 22 + entry.Key.Length + entry.Value.Length;
        var target = block.GetSpan(size);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)entry.Key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[2..], entry.Value.Length);
        BinaryPrimitives.WriteInt64LittleEndian(target[6..], entry.CreateRevision);
        BinaryPrimitives.WriteInt64LittleEndian(target[14..], entry.ModRevision);
        Encoding.ASCII.GetBytes(entry.Key, target[22..]);
        entry.Value.Span.CopyTo(target[(22 + entry.Key.Length)..]);
        block.Advance(size);
    }

    private static void ReadEntry(ref ReadOnlySpan<byte> block, MemoryIndex index)
    {
        var keyLength = BinaryPrimitives.ReadUInt16LittleEndian(block);
        var valueLength = BinaryPrimitives.ReadInt32LittleEndian(block[2..]);
        index.Restore(
            Encoding.ASCII.GetString(block.Slice(22, keyLength)),
            block.Slice(22 + keyLength, valueLength).ToArray(),
            BinaryPrimitives.ReadInt64LittleEndian(block[6..]),
            BinaryPrimitives.ReadInt64LittleEndian(block[14..]));
        block = block[(22 + keyLength + valueLength)..];
    }

    private static long WriteBlock(IStoreFile file, ArrayBufferWriter<byte> block, long position)
    {
        Span<byte> header = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(header, block.WrittenCount);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Frame.Checksum(block.WrittenSpan));
        file.Write(header, position);
        file.Write(block.WrittenSpan, position + 8);
        position += 8 + block.WrittenCount;
        block.ResetWrittenCount();
        return position;
    }

    private static ReadOnlySpan<byte> ReadBlock(string name, ReadOnlySpan<byte> content, ref int position)
    {
        if (content.Length - position >= 8)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(content[position..]);
            var checksum = BinaryPrimitives.ReadUInt32LittleEndian(content[(position + 4)..]);
            if (length >= 0 && length <= content.Length - position - 8)
            {
                var block = content.Slice(position + 8, length);
                if (Frame.Checksum(block) == checksum)
                {
                    position += 8 + length;
                    return block;
                }
            }
        }

        throw new CorruptLogException(name, position, "a block is cut off or altered");
    }
}
