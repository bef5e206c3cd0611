using System.Buffers;
using System.Buffers.Binary;
using Modular.Plugins.StoreEmbedded.Files;
using Modular.Plugins.StoreEmbedded.Index;

namespace Modular.Plugins.StoreEmbedded.Snapshots;

/// <summary>Writes the state of one revision into a file, which takes its name only when it is whole and on disk.</summary>
internal sealed class SnapshotWriter(IStoreFile file)
{
    // Flushed as it grows: one great flush at the end would hold up the log's.
    private const long FlushBytes = 8 << 20;

    private readonly ArrayBufferWriter<byte> _block = new(SnapshotBlock.Size * 2);
    private long _position;
    private long _flushed;
    private long _entries;
    private int _blockEntries;

    public static ReadOnlySpan<byte> Magic => "MODSNAP1"u8;

    /// <summary>
    /// Writes the oldest readable revision, so that the log behind it holds the whole history; when this returns the snapshot would survive
    /// anything. Nothing is written if that revision is not wanted.
    /// </summary>
    /// <returns>The revision and the file's size; size 0 if nothing was written.</returns>
    public static (long Revision, long Bytes) Write(IStoreFiles files, MemoryIndex index, Func<long, bool> isWanted)
    {
        IStoreFile? file = null;
        SnapshotWriter? writer = null;
        try
        {
            var revision = index.ReadOldest(
                revision =>
                {
                    if (!isWanted(revision))
                    {
                        return false;
                    }

                    files.Delete(SnapshotName.Unfinished);
                    file = files.Create(SnapshotName.Unfinished);
                    writer = new SnapshotWriter(file);
                    writer.Begin();
                    return true;
                },
                slice => writer!.Add(slice));
            if (writer is null)
            {
                return (revision, 0);
            }

            writer.End();
            file!.Dispose();
            file = null;
            files.Rename(SnapshotName.Unfinished, SnapshotName.Of(revision));
            files.SyncDirectory();
            return (revision, writer._position);
        }
        catch
        {
            // Half a snapshot must not keep the space that the disk lacks.
            file?.Dispose();
            files.Delete(SnapshotName.Unfinished);
            throw;
        }
    }

    private void Begin()
    {
        file.Write(Magic, 0);
        _position = Magic.Length;
    }

    private void Add(ReadOnlySpan<StoreEntry> entries)
    {
        foreach (ref readonly var entry in entries)
        {
            SnapshotBlock.WriteEntry(_block, entry);
            _blockEntries++;
            _entries++;
            if (_block.WrittenCount >= SnapshotBlock.Size)
            {
                WriteBlock();
            }
        }
    }

    private void End()
    {
        if (_blockEntries > 0)
        {
            WriteBlock();
        }

        BinaryPrimitives.WriteInt64LittleEndian(_block.GetSpan(8), _entries);
        _block.Advance(8);
        WriteBlock();
        file.Sync();
    }

    private void WriteBlock()
    {
        Span<byte> header = stackalloc byte[SnapshotBlock.HeaderSize];
        SnapshotBlock.WriteHeader(header, _block.WrittenSpan, _blockEntries);
        file.Write(header, _position);
        file.Write(_block.WrittenSpan, _position + header.Length);
        _position += header.Length + _block.WrittenCount;
        _block.ResetWrittenCount();
        _blockEntries = 0;
        if (_position - _flushed >= FlushBytes)
        {
            file.Sync();
            _flushed = _position;
        }
    }
}
