using System.Buffers.Binary;
using Modular.Plugins.StoreEmbedded.Files;
using Modular.Plugins.StoreEmbedded.Index;
using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Snapshots;

/// <summary>Reads the newest snapshot at start.</summary>
internal static class SnapshotReader
{
    /// <summary>The revision of the newest snapshot; 0 if there is none.</summary>
    public static long FindNewest(IStoreFiles files)
    {
        var newest = 0L;
        foreach (var name in files.List())
        {
            if (SnapshotName.TryParse(name, out var revision))
            {
                newest = Math.Max(newest, revision);
            }
        }

        return newest;
    }

    /// <summary>Reads a snapshot into an empty index; answers the file's size.</summary>
    /// <exception cref="CorruptLogException">It is damaged.</exception>
    public static long Read(IStoreFiles files, long revision, MemoryIndex index)
    {
        var name = SnapshotName.Of(revision);
        using var file = files.Open(name);
        var window = new FileWindow(file);
        var magic = SnapshotWriter.Magic;
        if (!window.At(0, magic.Length).SequenceEqual(magic))
        {
            throw new CorruptLogException(name, 0, "it is not a snapshot");
        }

        var count = 0L;
        long position = magic.Length;
        while (true)
        {
            var content = ReadBlock(window, name, position, out var entries);
            if (entries == 0)
            {
                if (content.Length != 8 || BinaryPrimitives.ReadInt64LittleEndian(content) != count)
                {
                    throw new CorruptLogException(name, position, "entries are missing");
                }

                index.RestoredAt(revision);
                return window.Length;
            }

            SnapshotBlock.ReadEntries(content, entries, index);
            count += entries;
            position += SnapshotBlock.HeaderSize + content.Length;
        }
    }

    private static ReadOnlySpan<byte> ReadBlock(FileWindow window, string name, long position, out int entries)
    {
        entries = 0;
        var header = window.At(position, SnapshotBlock.HeaderSize);
        if (header.Length == SnapshotBlock.HeaderSize)
        {
            (var length, entries, var checksum) = SnapshotBlock.ReadHeader(header);
            if (length > 0 && entries >= 0)
            {
                var content = window.At(position + SnapshotBlock.HeaderSize, length);
                if (content.Length == length && Crc32C.Of(content) == checksum)
                {
                    return content;
                }
            }
        }

        throw new CorruptLogException(name, position, "a block is cut off or altered");
    }
}
