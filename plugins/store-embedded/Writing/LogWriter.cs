using Modular.Plugins.StoreEmbedded.Files;
using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Writing;

/// <summary>Appends frames to the log, segment after segment. Used by the writer's thread; retiring runs beside it.</summary>
internal sealed class LogWriter : IDisposable
{
    // A new store is small for long, and filling a large file with zeroes would be most of its first start.
    private const long FirstSegmentBytes = 4 << 20;

    private readonly IStoreFiles _files;
    private readonly SegmentSupply _supply;
    private readonly Lock _gate = new();
    private readonly List<(SegmentStamp Stamp, long Size, long LastRevision)> _full = [];
    private Segment _current;
    private Segment? _upcoming;

    private LogWriter(IStoreFiles files, SegmentSupply supply, Segment current)
    {
        _files = files;
        _supply = supply;
        _current = current;
    }

    /// <summary>The most bytes a frame may have.</summary>
    public long MaxFrame => _supply.SegmentBytes - SegmentHeader.Size;

    /// <summary>The stamp that a frame of this size must carry.</summary>
    public SegmentStamp StampFor(long frameBytes) => frameBytes > _current.Room ? _upcoming!.Stamp : _current.Stamp;

    /// <summary>Bytes of the log on disk, spare segments included.</summary>
    public long TotalBytes
    {
        get
        {
            lock (_gate)
            {
                var total = _current.Size + (_upcoming?.Size ?? 0) + _supply.SpareBytes;
                foreach (var segment in _full)
                {
                    total += segment.Size;
                }

                return total;
            }
        }
    }

    /// <summary>Goes on behind what was found, or begins a log.</summary>
    public static LogWriter Open(IStoreFiles files, long segmentBytes, IReadOnlyList<FoundSegment> found)
    {
        var current = found.Count - 1;
        while (current > 0 && found[current].IsEmpty)
        {
            current--;
        }

        var generation = HighestGeneration(files) + 1;
        var segment = current < 0
            ? Segment.Create(files, generation++, Math.Min(segmentBytes, FirstSegmentBytes))
            : Segment.Continue(files, found[current]);
        var writer = new LogWriter(files, new SegmentSupply(files, segmentBytes, generation), segment);
        for (var i = 0; i < current; i++)
        {
            writer._full.Add((found[i].Stamp, found[i].Size, found[i].LastRevision));
        }

        writer.TakeSpares(found, current + 1);
        return writer;
    }

    /// <summary>Makes sure that a frame of this size finds room, in the current segment or in the next one.</summary>
    /// <exception cref="IOException">There is no space for another segment, or the disk fails.</exception>
    public void Reserve(long frameBytes)
    {
        if (frameBytes > _current.Room)
        {
            ReserveSegment();
        }
        else if (_current.Room < _current.Size / 2 && _upcoming is null)
        {
            _supply.Begin();
        }
    }

    /// <summary>Makes sure that there is a next segment.</summary>
    /// <exception cref="IOException">There is no space for another segment, or the disk fails.</exception>
    public void ReserveSegment()
    {
        if (_upcoming is null)
        {
            var next = _supply.Take();
            lock (_gate)
            {
                _upcoming = next;
            }
        }
    }

    /// <summary>Writes a sealed frame, for which room was reserved, and returns when it is on disk.</summary>
    public void Append(ReadOnlySpan<byte> frame, long lastRevision)
    {
        if (frame.Length > _current.Room)
        {
            Advance();
        }

        _current.Append(frame, lastRevision);
    }

    /// <summary>How many bytes of log a snapshot of this revision would make superfluous.</summary>
    public long BytesCoveredBy(long revision)
    {
        lock (_gate)
        {
            var bytes = 0L;
            for (var i = 0; i < _full.Count && _full[i].LastRevision <= revision; i++)
            {
                bytes += _full[i].Size;
            }

            return bytes;
        }
    }

    /// <summary>
    /// Takes the segments that a durable snapshot of this revision makes superfluous out of the log. They are renamed, and that is durable,
    /// before anything in them changes: a log file is whole at any moment.
    /// </summary>
    public void Retire(long snapshotRevision)
    {
        List<(SegmentStamp Stamp, long Size, long LastRevision)> retired = [];
        lock (_gate)
        {
            while (_full.Count > 0 && _full[0].LastRevision <= snapshotRevision)
            {
                retired.Add(_full[0]);
                _full.RemoveAt(0);
            }
        }

        if (retired.Count == 0)
        {
            return;
        }

        // The oldest first: what is left of the log after a crash in between has no gap.
        foreach (var (stamp, _, _) in retired)
        {
            _files.Rename(SegmentName.OfLog(stamp.Generation), SegmentName.OfSpare(stamp.Generation));
        }

        _files.SyncDirectory();
        foreach (var (stamp, size, _) in retired)
        {
            _supply.Give(SegmentName.OfSpare(stamp.Generation), size);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _current.Dispose();
        _upcoming?.Dispose();
        _supply.Dispose();
    }

    private void Advance()
    {
        var full = _current;
        lock (_gate)
        {
            _full.Add((full.Stamp, full.Size, full.LastRevision));
            _current = _upcoming!;
            _upcoming = null;
        }

        full.Dispose();
    }

    // Spares of the last run, and segments that were prepared and never written.
    private void TakeSpares(IReadOnlyList<FoundSegment> found, int firstUnused)
    {
        foreach (var name in _files.List())
        {
            if (SegmentName.TryParseSpare(name, out _))
            {
                _supply.Give(name, SizeOf(name));
            }
        }

        for (var i = firstUnused; i < found.Count; i++)
        {
            var spare = SegmentName.OfSpare(found[i].Stamp.Generation);
            _files.Rename(SegmentName.OfLog(found[i].Stamp.Generation), spare);
            _files.SyncDirectory();
            _supply.Give(spare, found[i].Size);
        }
    }

    private long SizeOf(string name)
    {
        using var file = _files.Open(name);
        return file.Length;
    }

    private static long HighestGeneration(IStoreFiles files)
    {
        var highest = 0L;
        foreach (var name in files.List())
        {
            if (SegmentName.TryParseLog(name, out var generation) || SegmentName.TryParseSpare(name, out generation))
            {
                highest = Math.Max(highest, generation);
            }
        }

        return highest;
    }
}
