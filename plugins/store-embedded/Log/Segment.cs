using System.Buffers.Binary;
using System.Globalization;
using Modular.Plugins.StoreEmbedded.Files;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>
/// One file of the log, written full with zeroes before it is used: overwriting blocks that exist needs no journal of the file system, which
/// halves the time of a flush and keeps it steady while others flush too.
/// </summary>
internal sealed class Segment : IDisposable
{
    public const int HeaderSize = 24;
    private const string Prefix = "log-";
    private static readonly byte[] Zeroes = new byte[1 << 20];

    private readonly IStoreFile _file;

    private Segment(IStoreFile file, long generation, long size)
    {
        _file = file;
        Generation = generation;
        Size = size;
    }

    /// <summary>Counts the segments ever used.</summary>
    public long Generation { get; }

    public long Size { get; }

    /// <summary>Where the next frame goes.</summary>
    public long Position { get; private set; } = HeaderSize;

    /// <summary>The last revision written to it; 0 while it is empty.</summary>
    public long LastRevision { get; private set; }

    public string Name => NameOf(Generation);

    public long Room => Size - Position;

    public static string NameOf(long generation) => Prefix + generation.ToString("d16", CultureInfo.InvariantCulture);

    /// <summary>The generation a file name stands for; false if it is no segment's name.</summary>
    public static bool TryParse(string name, out long generation)
    {
        generation = 0;
        return name.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out generation);
    }

    /// <summary>Makes a segment ready to be written: a new file filled with zeroes, or an old segment under a new name.</summary>
    /// <param name="files">The directory.</param>
    /// <param name="generation">The new segment's generation.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="recycled">The name of an old segment of the same size that is not needed any more; null to make a file.</param>
    public static Segment Prepare(IStoreFiles files, long generation, long size, string? recycled)
    {
        const string Unfinished = "preparing";
        if (files.List().Contains(Unfinished))
        {
            files.Delete(Unfinished);
        }

        IStoreFile file;
        if (recycled is not null)
        {
            files.Rename(recycled, Unfinished);
            file = files.Open(Unfinished, create: false);
        }
        else
        {
            file = files.Open(Unfinished, create: true);
        }

        try
        {
            for (var at = recycled is null ? 0 : size; at < size; at += Zeroes.Length)
            {
                file.Write(Zeroes.AsSpan(0, (int)Math.Min(Zeroes.Length, size - at)), at);
            }

            Span<byte> header = stackalloc byte[HeaderSize];
            "MODLOG01"u8.CopyTo(header);
            BinaryPrimitives.WriteInt64LittleEndian(header[8..], generation);
            BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Frame.Checksum(header[..16]));
            file.Write(header, 0);
            file.Sync();
            files.Rename(Unfinished, NameOf(generation));
            files.SyncDirectory();
            return new Segment(file, generation, size);
        }
        catch
        {
            file.Dispose();
            files.Delete(Unfinished);
            throw;
        }
    }

    /// <summary>Opens a segment that was read, to write on behind its last frame.</summary>
    public static Segment Continue(IStoreFiles files, long generation, long position, long lastRevision)
    {
        var file = files.Open(NameOf(generation), create: false);
        return new Segment(file, generation, file.Length) { Position = position, LastRevision = lastRevision };
    }

    /// <summary>Checks a segment's header.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> content, long generation) =>
        content.Length >= HeaderSize
        && content[..8].SequenceEqual("MODLOG01"u8)
        && BinaryPrimitives.ReadInt64LittleEndian(content[8..]) == generation
        && BinaryPrimitives.ReadUInt32LittleEndian(content[16..]) == Frame.Checksum(content[..16]);

    /// <summary>Writes a sealed frame; it counts once <see cref="Sync"/> returned.</summary>
    public void Append(ReadOnlySpan<byte> frame, long lastRevision)
    {
        _file.Write(frame, Position);
        Position += frame.Length;
        LastRevision = lastRevision;
    }

    public void Sync() => _file.Sync();

    public void Dispose() => _file.Dispose();
}
