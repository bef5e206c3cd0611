using System.Buffers.Binary;
using Modular.Plugins.StoreEmbedded.Files;

namespace Modular.Plugins.StoreEmbedded.Log;

/// <summary>Reads the log back at start: every whole frame in order, up to where writing stopped.</summary>
internal static class LogReader
{
    /// <summary>A segment as it was found: how far it is written, and its last revision (0 if it holds no frame).</summary>
    public readonly record struct Found(long Generation, long Position, long LastRevision);

    /// <summary>Replays all commits behind a revision and answers the segments in order.</summary>
    /// <exception cref="CorruptLogException">Frames are missing or damaged before the end.</exception>
    public static List<Found> Replay(IStoreFiles files, long after, Action<long, CommitOperation[]> apply)
    {
        var generations = new List<long>();
        foreach (var name in files.List())
        {
            if (Segment.TryParse(name, out var generation))
            {
                generations.Add(generation);
            }
        }

        generations.Sort();
        var found = new List<Found>();
        var expected = 0L;
        var ended = false;
        foreach (var generation in generations)
        {
            var name = Segment.NameOf(generation);
            ReadOnlySpan<byte> content = files.Read(name);
            if (!Segment.IsIntact(content, generation))
            {
                throw new CorruptLogException(name, 0, "its header is not a log segment's");
            }

            long position = Segment.HeaderSize;
            var last = 0L;
            while (Frame.TryRead(content[(int)position..], generation, out var revision, out var commits, out var payload))
            {
                if (ended || (expected != 0 && revision != expected) || (expected == 0 && revision > after + 1))
                {
                    throw new CorruptLogException(name, position, $"it goes on at revision {revision} where {Math.Max(expected, after + 1)} should be");
                }

                for (var i = 0; i < commits; i++, revision++)
                {
                    var operations = CommitEncoding.Read(ref payload);
                    if (revision > after)
                    {
                        apply(revision, operations);
                    }
                }

                expected = revision;
                last = revision - 1;
                position += Frame.HeaderSize + BinaryPrimitives.ReadInt32LittleEndian(content[(int)position..]);
            }

            RefuseFramesBehind(name, content, generation, position);
            // Only the segment in use may end with room to spare in the middle of the log; the prepared ones behind it are empty.
            ended = ended || last == 0;
            found.Add(new Found(generation, position, last));
        }

        return found;
    }

    // Frames are flushed one by one: a good frame behind a bad one means that the bad one was good once.
    private static void RefuseFramesBehind(string name, ReadOnlySpan<byte> content, long generation, long position)
    {
        Span<byte> mark = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(mark, generation);
        var from = (int)position + Frame.GenerationOffset;
        while (from < content.Length)
        {
            var at = content[from..].IndexOf(mark);
            if (at < 0)
            {
                return;
            }

            var start = from + at - Frame.GenerationOffset;
            if (start > position && Frame.TryRead(content[start..], generation, out _, out _, out _))
            {
                throw new CorruptLogException(name, position, $"a whole frame follows at byte {start}");
            }

            from += at + 1;
        }
    }
}
