using Modular.Plugins.StoreEmbedded.Files;
using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Writing;

/// <summary>Prepares the next segment of the log while the current one fills, out of a spare file where there is one.</summary>
internal sealed class SegmentSupply(IStoreFiles files, long segmentBytes, long nextGeneration) : IDisposable
{
    private const int MostSpares = 1;

    private readonly Lock _gate = new();
    private readonly Queue<string> _spares = new();
    private long _nextGeneration = nextGeneration;
    private Task<Segment>? _next;

    public long SegmentBytes { get; } = segmentBytes;

    /// <summary>Bytes of the files that wait to be used again.</summary>
    public long SpareBytes
    {
        get
        {
            lock (_gate)
            {
                return _spares.Count * SegmentBytes;
            }
        }
    }

    /// <summary>Takes a spare file over, or removes it if it is not wanted.</summary>
    public void Give(string spare, long size)
    {
        lock (_gate)
        {
            if (size == SegmentBytes && _spares.Count < MostSpares)
            {
                _spares.Enqueue(spare);
                return;
            }
        }

        files.Delete(spare);
    }

    /// <summary>Begins to prepare a segment, unless one is there or on its way. Used by one thread, like <see cref="Take"/>.</summary>
    public void Begin() => _next ??= Task.Run(Prepare);

    /// <summary>The next segment; waits for it. After an exception the next call tries again.</summary>
    /// <exception cref="IOException">There is no space for it, or the disk fails.</exception>
    public Segment Take()
    {
        Begin();
        try
        {
            return _next!.GetAwaiter().GetResult();
        }
        finally
        {
            _next = null;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_next is null)
        {
            return;
        }

        // Waits without throwing what the preparation threw.
        Task.WaitAny([_next]);
        if (_next.IsCompletedSuccessfully)
        {
            _next.Result.Dispose();
        }
    }

    private Segment Prepare()
    {
        string? spare;
        long generation;
        lock (_gate)
        {
            _spares.TryDequeue(out spare);
            generation = _nextGeneration++;
        }

        return spare is null ? Segment.Create(files, generation, SegmentBytes) : Segment.Recycle(files, spare, generation);
    }
}
