using Modular.Plugins.StoreEmbedded.Files;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>
/// Reads the log back at start: every frame behind a snapshot, in order, up to where writing stopped. A frame that cannot be read is the end
/// only if no good one follows it, in its segment or in a later one.
/// </summary>
internal sealed class LogReader
{
    private readonly long _snapshot;
    private readonly Action<StoreCommit> _apply;
    private readonly List<FoundSegment> _found = [];
    private long _next;

    private LogReader(long snapshot, Action<StoreCommit> apply)
    {
        _snapshot = snapshot;
        _apply = apply;
        _next = snapshot + 1;
    }

    /// <summary>Applies all commits behind the snapshot and answers the segments, oldest first.</summary>
    /// <param name="files">The directory.</param>
    /// <param name="snapshot">The revision of the snapshot; 0 if there is none.</param>
    /// <param name="apply">Takes each commit.</param>
    /// <exception cref="CorruptLogException">Frames are missing or damaged before the end.</exception>
    public static List<FoundSegment> Replay(IStoreFiles files, long snapshot, Action<StoreCommit> apply)
    {
        var generations = new List<long>();
        foreach (var name in files.List())
        {
            if (SegmentName.TryParseLog(name, out var generation))
            {
                generations.Add(generation);
            }
        }

        generations.Sort();
        var reader = new LogReader(snapshot, apply);
        foreach (var generation in generations)
        {
            reader.ReadSegment(files, generation);
        }

        return reader._found;
    }

    private void ReadSegment(IStoreFiles files, long generation)
    {
        var name = SegmentName.OfLog(generation);
        using var file = files.Open(name);
        var window = new FileWindow(file);
        if (!SegmentHeader.TryRead(window.At(0, SegmentHeader.Size), generation, out var stamp))
        {
            throw new CorruptLogException(name, 0, "its header is not a log segment's");
        }

        var segment = new FoundSegment(stamp, window.Length, SegmentHeader.Size, SegmentHeader.Size, 0);
        while (TryFrame(window, segment.End, stamp, out var frame))
        {
            var last = Apply(frame, name, segment.End);
            segment = segment with { LastFrame = segment.End, End = segment.End + frame.Length, LastRevision = last };
        }

        RefuseFramesBehind(window, name, segment);
        _found.Add(segment);
    }

    private static bool TryFrame(FileWindow window, long position, SegmentStamp stamp, out ReadOnlySpan<byte> frame)
    {
        var size = Frame.SizeOf(window.At(position, Frame.HeaderSize), stamp);
        frame = size == 0 || size > window.Length - position ? default : window.At(position, size);
        return !frame.IsEmpty && Frame.IsIntact(frame);
    }

    private long Apply(ReadOnlySpan<byte> frame, string name, long position)
    {
        var (revision, commits) = Frame.Read(frame);
        var last = revision + commits - 1;
        var begun = _next > _snapshot + 1;
        if (revision > _next || (begun && revision != _next))
        {
            throw Gap(revision, name, position);
        }

        frame = frame[Frame.HeaderSize..];
        for (; revision <= last; revision++)
        {
            var operations = CommitEncoding.Read(ref frame);
            if (revision == _next)
            {
                _apply(new StoreCommit(revision, operations));
                _next++;
            }
        }

        return last;
    }

    // What is missing was at the end of the segment before, if there is one.
    private CorruptLogException Gap(long revision, string name, long position) => position > SegmentHeader.Size || _found.Count == 0
        ? new(name, position, $"revision {_next} is missing, revision {revision} follows")
        : new(SegmentName.OfLog(_found[^1].Stamp.Generation), _found[^1].End, $"revision {_next} is missing, revision {revision} follows in {name}");

    // Frames are flushed one by one: a good frame behind a bad one means that the bad one was good once.
    private static void RefuseFramesBehind(FileWindow window, string name, FoundSegment segment)
    {
        Span<byte> mark = stackalloc byte[SegmentStamp.Size];
        segment.Stamp.Write(mark);
        var position = segment.End + 1;
        while (position < window.Length)
        {
            var bytes = window.At(position, FileWindow.Step);
            var at = bytes.IndexOf(mark);
            if (at < 0)
            {
                // A mark may lie across the border of two windows.
                position += Math.Max(1, bytes.Length - mark.Length + 1);
                continue;
            }

            var start = position + at - Frame.StampOffset;
            if (start > segment.End && TryFrame(window, start, segment.Stamp, out _))
            {
                throw new CorruptLogException(name, segment.End, $"a whole frame follows at byte {start}");
            }

            position += at + 1;
        }
    }
}
