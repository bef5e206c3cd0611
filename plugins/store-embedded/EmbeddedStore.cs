using System.Runtime.CompilerServices;
using Modular.Plugins.StoreEmbedded.Files;
using Modular.Plugins.StoreEmbedded.Index;
using Modular.Plugins.StoreEmbedded.Log;
using Modular.Plugins.StoreEmbedded.Snapshots;
using Modular.Plugins.StoreEmbedded.Writing;

namespace Modular.Plugins.StoreEmbedded;

/// <summary>An object store in this process: an index in memory, a log and snapshots on disk.</summary>
internal sealed class EmbeddedStore : IObjectStore, IAsyncDisposable
{
    private readonly MemoryIndex _index;
    private readonly LogWriter _log;
    private readonly HistoryBounds _bounds;
    private readonly Snapshotter _snapshots;
    private readonly CommitWriter _writer;
    private bool _disposed;

    private EmbeddedStore(
        IStoreFiles files, StoreSettings settings, StoreEnvironment environment, MemoryIndex index, LogWriter log, long snapshotBytes)
    {
        _index = index;
        _log = log;
        _bounds = new HistoryBounds(index, settings, environment.Time);
        _writer = new CommitWriter(index, log, settings, environment, AfterBatch);
        _snapshots = new Snapshotter(files, index, log, settings.SnapshotBytes, snapshotBytes, environment, _writer.Fail);
        _writer.Start();
    }

    /// <summary>Where the store stands.</summary>
    public StoreStatus Status => new()
    {
        Current = _index.Current,
        Compacted = _index.Compacted,
        Bytes = _log.TotalBytes + _snapshots.LastBytes,
        Writable = _writer.Writable,
    };

    /// <summary>How many keys the index holds, deleted ones that the history still knows included.</summary>
    public int Keys => _index.Keys;

    /// <summary>How many changes can be watched from.</summary>
    public int HistoryChanges => _index.HistoryChanges;

    /// <summary>How many bytes of values the history holds.</summary>
    public long HistoryBytes => _index.HistoryBytes;

    /// <summary>Completes when no snapshot is being written.</summary>
    public Task SnapshotCompletion => _snapshots.Completion;

    /// <summary>Opens a store: reads the last snapshot and the log behind it.</summary>
    /// <exception cref="CorruptLogException">The files are damaged; nothing was changed.</exception>
    public static EmbeddedStore Open(IStoreFiles files, StoreSettings settings, StoreEnvironment environment)
    {
        var begun = environment.Time.GetTimestamp();

        // What the last process renamed may be in memory only.
        files.SyncDirectory();
        var index = new MemoryIndex();
        var snapshot = SnapshotReader.FindNewest(files);
        var snapshotBytes = snapshot > 0 ? SnapshotReader.Read(files, snapshot, index) : 0;
        var found = LogReader.Replay(files, snapshot, commit => index.Publish([commit]));

        files.Delete(SnapshotName.Unfinished);
        files.Delete(SegmentName.Unfinished);
        Snapshotter.DeleteOlder(files, snapshot);
        var log = LogWriter.Open(files, settings.SegmentBytes, found);
        try
        {
            log.Retire(snapshot);
            var store = new EmbeddedStore(files, settings, environment, index, log, snapshotBytes);
            store._bounds.Trim();
            var elapsed = environment.Time.GetElapsedTime(begun);
            StoreEvents.Opened(environment.Log, index.Current, index.Compacted, index.Keys, elapsed.TotalMilliseconds);
            return store;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public ValueTask<StoreStatus> GetStatusAsync(CancellationToken cancellationToken) => new(Status);

    /// <inheritdoc />
    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken) => new(_index.Range(request));

    /// <inheritdoc />
    public ValueTask<CommitResult> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _writer.CommitAsync(request);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(
        StoreWatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!_index.TryStartWatch(request.Revision, out var position))
        {
            yield return Compacted();
            yield break;
        }

        yield return new StoreWatchBatch { Kind = StoreWatchKind.Progress, Revision = position.Known };
        var changes = new List<StoreChange>();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (_index.Collect(request, ref position, changes, out var wait))
            {
                case WatchStep.Changes:
                    yield return new StoreWatchBatch { Kind = StoreWatchKind.Changes, Revision = position.Known, Changes = changes };
                    changes = [];
                    break;
                case WatchStep.Quiet when position.Known >= request.Revision:
                    yield return new StoreWatchBatch { Kind = StoreWatchKind.Progress, Revision = position.Known };
                    break;
                case WatchStep.Wait:
                    await wait!.WaitAsync(cancellationToken).ConfigureAwait(false);
                    break;
                case WatchStep.Compacted:
                    yield return Compacted();
                    yield break;
                case WatchStep.Closed:
                    yield break;
            }
        }
    }

    /// <inheritdoc />
    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        _index.Compact(revision);
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes what is queued, ends the watches and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await Task.Run(_writer.Dispose).ConfigureAwait(false);
        await _snapshots.Completion.ConfigureAwait(false);
        _bounds.Dispose();
        _index.Close();
        _log.Dispose();
    }

    /// <summary>Writes a snapshot now.</summary>
    internal void Snapshot() => _snapshots.Write();

    private StoreWatchBatch Compacted() => new() { Kind = StoreWatchKind.Compacted, Revision = _index.Compacted };

    private void AfterBatch()
    {
        _bounds.Committed();
        _snapshots.BeginIfDue();
    }
}
