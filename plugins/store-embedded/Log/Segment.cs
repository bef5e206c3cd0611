using Modular.Plugins.StoreEmbedded.Files;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>
/// One file of the log, written full with zeroes before it is used: overwriting blocks that exist needs no journal of the file system, which
/// halves the time of a flush and keeps it steady while others flush too.
/// </summary>
internal sealed class Segment : IDisposable
{
    private static readonly byte[] Zeroes = new byte[1 << 20];

    private readonly IStoreFile _file;

    private Segment(IStoreFile file, SegmentStamp stamp, long size)
    {
        _file = file;
        Stamp = stamp;
        Size = size;
    }

    public SegmentStamp Stamp { get; }

    public long Size { get; }

    /// <summary>Where the next frame goes.</summary>
    public long Position { get; private set; } = SegmentHeader.Size;

    /// <summary>The last revision written to it; 0 while it is empty.</summary>
    public long LastRevision { get; private set; }

    public long Room => Size - Position;

    /// <summary>Makes a file, full of zeroes, that is durable part of the log when this returns.</summary>
    public static Segment Create(IStoreFiles files, long generation, long size)
    {
        files.Delete(SegmentName.Unfinished);
        var file = files.Create(SegmentName.Unfinished);
        try
        {
            for (var at = 0L; at < size; at += Zeroes.Length)
            {
                file.Write(Zeroes.AsSpan(0, (int)Math.Min(Zeroes.Length, size - at)), at);
            }

            return Enter(files, file, SegmentName.Unfinished, generation, size);
        }
        catch
        {
            // Half a file must not keep the space that the disk lacks.
            file.Dispose();
            files.Delete(SegmentName.Unfinished);
            throw;
        }
    }

    /// <summary>Makes a spare file part of the log again; its old frames stay and do not count.</summary>
    public static Segment Recycle(IStoreFiles files, string spare, long generation)
    {
        var file = files.Open(spare);
        try
        {
            return Enter(files, file, spare, generation, file.Length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Goes on behind the last frame found. That frame is written and flushed again: a process that was killed, or a disk that failed,
    /// may have left it in memory only. What was torn behind it is cut off.
    /// </summary>
    public static Segment Continue(IStoreFiles files, FoundSegment found)
    {
        var file = files.Open(SegmentName.OfLog(found.Stamp.Generation));
        try
        {
            var frame = new byte[found.End - found.LastFrame];
            file.Read(frame, found.LastFrame);
            file.Write(frame, found.LastFrame);
            file.Write(Zeroes.AsSpan(0, (int)Math.Min(Frame.HeaderSize, file.Length - found.End)), found.End);
            file.Sync();
            return new Segment(file, found.Stamp, file.Length) { Position = found.End, LastRevision = found.LastRevision };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a sealed frame; it counts when this returns.</summary>
    public void Append(ReadOnlySpan<byte> frame, long lastRevision)
    {
        _file.Write(frame, Position);
        _file.Sync();
        Position += frame.Length;
        LastRevision = lastRevision;
    }

    public void Dispose() => _file.Dispose();

    private static Segment Enter(IStoreFiles files, IStoreFile file, string name, long generation, long size)
    {
        var stamp = SegmentStamp.New(generation);
        Span<byte> header = stackalloc byte[SegmentHeader.Size];
        SegmentHeader.Write(header, stamp);
        file.Write(header, 0);
        file.Sync();
        files.Rename(name, SegmentName.OfLog(generation));
        files.SyncDirectory();
        return new Segment(file, stamp, size);
    }
}
