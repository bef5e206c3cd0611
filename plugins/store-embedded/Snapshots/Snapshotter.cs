using Modular.Plugins.StoreEmbedded.Files;
using Modular.Plugins.StoreEmbedded.Index;
using Modular.Plugins.StoreEmbedded.Writing;

namespace Modular.Plugins.StoreEmbedded.Snapshots;

/// <summary>
/// Writes a snapshot, beside the writer, when that frees enough of the log: at least what is configured, and as much as the last snapshot
/// was large, so that snapshots never cost more than the log itself.
/// </summary>
internal sealed class Snapshotter
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(30);

    private readonly IStoreFiles _files;
    private readonly MemoryIndex _index;
    private readonly LogWriter _log;
    private readonly long _leastBytes;
    private readonly StoreEnvironment _environment;
    private readonly Action<Exception> _lost;
    private readonly Lock _writing = new();
    private long _lastBytes;
    private Task _running = Task.CompletedTask;
    private long? _failedAt;

    /// <param name="files">The directory.</param>
    /// <param name="index">What is written.</param>
    /// <param name="log">What it frees.</param>
    /// <param name="leastBytes">How much log a snapshot must free.</param>
    /// <param name="lastBytes">The size of the snapshot there is.</param>
    /// <param name="environment">What the host gives.</param>
    /// <param name="lost">Called when the disk failed a flush.</param>
    public Snapshotter(
        IStoreFiles files, MemoryIndex index, LogWriter log, long leastBytes, long lastBytes, StoreEnvironment environment, Action<Exception> lost)
    {
        _files = files;
        _index = index;
        _log = log;
        _leastBytes = leastBytes;
        _lastBytes = lastBytes;
        _environment = environment;
        _lost = lost;
    }

    /// <summary>The size of the last snapshot.</summary>
    public long LastBytes => Interlocked.Read(ref _lastBytes);

    /// <summary>Completes when no snapshot is being written.</summary>
    public Task Completion => _running;

    /// <summary>Begins a snapshot if one is due. Called by the writer's thread.</summary>
    public void BeginIfDue()
    {
        if (_running.IsCompleted && IsDue(Math.Min(_index.Compacted, _index.Current)) && !IsPausing())
        {
            _running = Task.Run(Run);
        }
    }

    /// <summary>Writes a snapshot of the oldest readable revision, then gives back the log it covers.</summary>
    public void Write()
    {
        lock (_writing)
        {
            var begun = _environment.Time.GetTimestamp();
            var (revision, bytes) = SnapshotWriter.Write(_files, _index, revision => revision > 0);
            if (bytes == 0)
            {
                return;
            }

            Interlocked.Exchange(ref _lastBytes, bytes);
            DeleteOlder(_files, revision);
            _log.Retire(revision);
            var elapsed = _environment.Time.GetElapsedTime(begun);
            _environment.Metrics.SnapshotWritten(elapsed);
            StoreEvents.SnapshotWritten(_environment.Log, revision, bytes, elapsed.TotalMilliseconds);
        }
    }

    /// <summary>Removes the snapshots before a revision.</summary>
    public static void DeleteOlder(IStoreFiles files, long revision)
    {
        foreach (var name in files.List())
        {
            if (SnapshotName.TryParse(name, out var other) && other < revision)
            {
                files.Delete(name);
            }
        }
    }

    private bool IsDue(long revision)
    {
        var covered = _log.BytesCoveredBy(revision);
        return covered >= _leastBytes && covered >= LastBytes;
    }

    private bool IsPausing() => _failedAt is { } at && _environment.Time.GetElapsedTime(at) < PauseAfterFailure;

    private void Run()
    {
        try
        {
            Write();
            _failedAt = null;
        }
        catch (Exception e) when (e is (IOException and not FlushFailedException) or UnauthorizedAccessException)
        {
            _failedAt = _environment.Time.GetTimestamp();
            StoreEvents.SnapshotFailed(_environment.Log, e.Message);
        }
        catch (Exception e)
        {
            _lost(e);
        }
    }
}
