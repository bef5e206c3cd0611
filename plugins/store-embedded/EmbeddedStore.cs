using System.Runtime.CompilerServices;
using Modular.Plugins.StoreEmbedded.Files;
using Modular.Plugins.StoreEmbedded.Index;
using Modular.Plugins.StoreEmbedded.Log;
using Modular.Plugins.StoreEmbedded.Snapshots;
using Modular.Plugins.StoreEmbedded.Writing;

namespace Modular.Plugins.StoreEmbedded;

/// <summary>An object store in this process: an index in memory, a log and snapshots on disk.</summary>
internal sealed class EmbeddedStore : IObjectStore, IDisposable
{
    private readonly IStoreFiles _files;
    private readonly StoreSettings _settings;
    private readonly MemoryIndex _index = new();
    private readonly LogWriter _log;
    private readonly CommitWriter _writer;
    private readonly Action<Exception> _snapshotFailed;
    private Task _snapshot = Task.CompletedTask;

    /// <summary>Opens a store: reads the last snapshot and the log behind it.</summary>
    /// <param name="files">The directory.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="fatal">Called when the disk failed a flush.</param>
    /// <param name="snapshotFailed">Called when a snapshot could not be written; the log simply grows until one can.</param>
    /// <exception cref="CorruptLogException">The files are damaged; nothing was changed.</exception>
    public EmbeddedStore(
        IStoreFiles files, StoreSettings settings, TimeProvider time, Action<string> fatal, Action<Exception> snapshotFailed)
    {
        _files = files;
        _settings = settings;
        _snapshotFailed = snapshotFailed;
        var snapshot = ReadSnapshot();
        var found = LogReader.Replay(files, snapshot, (revision, operations) => _index.Publish([(revision, operations)]));
        Trim();
        _log = LogWriter.Open(files, settings.SegmentBytes, found);
        _writer = new CommitWriter(_index, _log, settings, time, fatal, AfterBatch);
    }

    /// <summary>The last acknowledged commit.</summary>
    public long Revision => _index.Current;

    /// <summary>How many changes can be watched from.</summary>
    public int HistoryChanges => _index.HistorySize.Changes;

    /// <summary>False while the disk is full.</summary>
    public bool Writable => _writer.Writable;

    /// <inheritdoc />
    public ValueTask<StoreStatus> GetStatusAsync(CancellationToken cancellationToken) => new(new StoreStatus
    {
        Current = _index.Current,
        Compacted = _index.Compacted,
        Bytes = _log.TotalBytes,
        Writable = _writer.Writable,
    });

    /// <inheritdoc />
    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken) => new(_index.Range(request));

    /// <inheritdoc />
    public ValueTask<CommitResult> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfZero(request.Operations.Count);
        return new(_writer.CommitAsync(request));
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(
        StoreWatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!_index.TryStartWatch(request.Revision, out var position, out var current))
        {
            yield return new StoreWatchBatch { Kind = StoreWatchKind.Compacted, Revision = _index.Compacted };
            yield break;
        }

        // Established: everything up to the revision before the first of interest is known.
        yield return new StoreWatchBatch { Kind = StoreWatchKind.Progress, Revision = request.Revision == 0 ? current : request.Revision - 1 };
        while (true)
        {
            var changes = new List<StoreChange>();
            if (!_index.TryCollect(request, ref position, changes, out var revision, out var wait))
            {
                yield return new StoreWatchBatch { Kind = StoreWatchKind.Compacted, Revision = revision };
                yield break;
            }

            if (wait is not null)
            {
                await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            yield return new StoreWatchBatch { Kind = StoreWatchKind.Changes, Revision = revision, Changes = changes };
        }
    }

    /// <inheritdoc />
    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        _index.Compact(revision);
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes what was queued, and closes the files.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        _snapshot.Wait();
        _log.Dispose();
    }

    /// <summary>Writes a snapshot of the present, then gives back the log it covers.</summary>
    internal void Snapshot()
    {
        var state = _index.Range(new RangeRequest { From = "\0", To = "\u007f" });
        SnapshotFile.Write(_files, state.Revision, state.Entries);
        foreach (var name in _files.List())
        {
            if (SnapshotFile.TryParse(name, out var revision) && revision < state.Revision)
            {
                _files.Delete(name);
            }
        }

        _log.Retire(state.Revision);
    }

    private long ReadSnapshot()
    {
        var newest = 0L;
        var name = "";
        foreach (var file in _files.List())
        {
            if (SnapshotFile.TryParse(file, out var revision) && revision >= newest)
            {
                (newest, name) = (revision, file);
            }
        }

        if (name.Length > 0)
        {
            SnapshotFile.Read(_files, name, _index);
            _index.RestoredAt(newest);
        }

        return newest;
    }

    private void AfterBatch()
    {
        Trim();
        if (_log.BytesSinceSnapshot > _settings.SnapshotBytes && _snapshot.IsCompleted)
        {
            _log.BytesSinceSnapshot = 0;
            _snapshot = Task.Run(() =>
            {
                try
                {
                    Snapshot();
                }
                catch (IOException e)
                {
                    _snapshotFailed(e);
                }
            });
        }
    }

    private void Trim()
    {
        var revision = _index.RevisionToCompact(_settings.HistoryChanges, _settings.HistoryBytes);
        if (revision > 0)
        {
            _index.Compact(revision);
        }
    }
}
