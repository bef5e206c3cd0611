using System.Buffers;
using Modular.Plugins.StoreEmbedded.Files;
using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Writing;

/// <summary>
/// Appends frames to the log and keeps a prepared segment at hand. Used by the writer's thread; preparing and retiring run beside it.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private readonly IStoreFiles _files;
    private readonly long _segmentBytes;
    private readonly Lock _gate = new();
    private readonly List<(string Name, long LastRevision)> _full = [];
    private readonly Queue<string> _recyclable = new();
    private Segment _current;
    private Task<Segment>? _next;
    private long _nextGeneration;

    private LogWriter(IStoreFiles files, long segmentBytes, Segment current, long nextGeneration)
    {
        _files = files;
        _segmentBytes = segmentBytes;
        _current = current;
        _nextGeneration = nextGeneration;
    }

    /// <summary>Bytes written since the last snapshot was begun.</summary>
    public long BytesSinceSnapshot { get; set; }

    /// <summary>The most bytes a frame may have.</summary>
    public long MaxFrame => _segmentBytes - Segment.HeaderSize;

    /// <summary>Bytes of the log on disk.</summary>
    public long TotalBytes
    {
        get
        {
            lock (_gate)
            {
                return (_full.Count + _recyclable.Count + 1) * _segmentBytes;
            }
        }
    }

    /// <summary>Goes on behind what was replayed, or begins a log.</summary>
    public static LogWriter Open(IStoreFiles files, long segmentBytes, IReadOnlyList<LogReader.Found> found)
    {
        var last = -1;
        for (var i = 0; i < found.Count; i++)
        {
            if (found[i].LastRevision > 0)
            {
                last = i;
            }
        }

        // Prepared and never used; a fresh one is made when it is needed.
        for (var i = last + 1; i < found.Count; i++)
        {
            files.Delete(Segment.NameOf(found[i].Generation));
        }

        var generation = found.Count == 0 ? 0 : found[^1].Generation;
        if (last < 0)
        {
            return new(files, segmentBytes, Segment.Prepare(files, generation + 1, segmentBytes, null), generation + 2);
        }

        var writer = new LogWriter(
            files, segmentBytes, Segment.Continue(files, found[last].Generation, found[last].Position, found[last].LastRevision), generation + 1);
        for (var i = 0; i < last; i++)
        {
            writer._full.Add((Segment.NameOf(found[i].Generation), found[i].LastRevision));
        }

        return writer;
    }

    /// <summary>
    /// Makes sure that a frame of this size finds room, in the current segment or in the next one. Called before a commit joins a batch.
    /// </summary>
    /// <exception cref="IOException">There is no space for another segment.</exception>
    public void EnsureRoom(long batchBytes)
    {
        if (batchBytes > _current.Room)
        {
            _next ??= Task.Run(PrepareNext);
            _next.Wait();
        }
        else if (_current.Room < _segmentBytes / 2)
        {
            _next ??= Task.Run(PrepareNext);
        }
    }

    /// <summary>Forgets a failed preparation, so that the next attempt tries again.</summary>
    public void RetryPreparation()
    {
        if (_next is { IsFaulted: true })
        {
            _next = null;
        }
    }

    /// <summary>The generation the next frame must carry.</summary>
    public long GenerationFor(long frameBytes)
    {
        if (frameBytes > _current.Room)
        {
            var full = _current;
            _current = _next!.GetAwaiter().GetResult();
            _next = null;
            lock (_gate)
            {
                _full.Add((full.Name, full.LastRevision));
            }

            full.Dispose();
        }

        return _current.Generation;
    }

    /// <summary>Writes a sealed frame and returns when it is on disk.</summary>
    public void Append(ReadOnlySpan<byte> frame, long lastRevision)
    {
        _current.Append(frame, lastRevision);
        _current.Sync();
        BytesSinceSnapshot += frame.Length;
    }

    /// <summary>Takes the segments that a snapshot of this revision makes superfluous out of the log; one or two are kept for use again.</summary>
    public void Retire(long snapshotRevision)
    {
        lock (_gate)
        {
            for (var i = _full.Count - 1; i >= 0; i--)
            {
                if (_full[i].LastRevision > snapshotRevision)
                {
                    continue;
                }

                var name = _full[i].Name;
                _full.RemoveAt(i);
                if (_recyclable.Count < 2)
                {
                    _recyclable.Enqueue(name);
                }
                else
                {
                    _files.Delete(name);
                }
            }
        }
    }

    public void Dispose()
    {
        _current.Dispose();
        if (_next is { IsCompletedSuccessfully: true })
        {
            _next.Result.Dispose();
        }
    }

    private Segment PrepareNext()
    {
        string? recycled;
        lock (_gate)
        {
            recycled = _recyclable.TryDequeue(out var name) ? name : null;
        }

        return Segment.Prepare(_files, _nextGeneration++, _segmentBytes, recycled);
    }
}
