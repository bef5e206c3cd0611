using System.Collections.Concurrent;
using Modular.Plugins.StoreEmbedded.Files;
using Modular.Plugins.StoreEmbedded.Index;
using Modular.Plugins.StoreEmbedded.Log;

namespace Modular.Plugins.StoreEmbedded.Writing;

/// <summary>
/// The one thread that writes: it takes what waits, checks guards in order, writes all of it as one frame, flushes once, makes it visible
/// and only then answers. While it flushes, the next batch gathers.
/// </summary>
internal sealed class CommitWriter : IDisposable
{
    private const int MaxBatch = 1024;
    private const int MaxBatchBytes = 4 << 20;
    private static readonly TimeSpan FullDiskPause = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<PendingCommit> _queue = new(new ConcurrentQueue<PendingCommit>());
    private readonly List<PendingCommit> _batch = new(MaxBatch);
    private readonly Dictionary<string, (long Create, long Mod)> _staged = new(StringComparer.Ordinal);
    private readonly MemoryIndex _index;
    private readonly LogWriter _log;
    private readonly StoreSettings _settings;
    private readonly TimeProvider _time;
    private readonly Action<string> _fatal;
    private readonly Action _written;
    private readonly Thread _thread;
    private (long Revision, IReadOnlyList<CommitOperation> Operations)[] _publishing = new (long, IReadOnlyList<CommitOperation>)[64];
    private byte[] _frame = new byte[64 << 10];
    private PendingCommit? _carried;
    private DateTimeOffset _retryAt = DateTimeOffset.MinValue;
    private volatile bool _failed;
    private volatile bool _full;

    /// <summary>Starts the thread.</summary>
    /// <param name="index">Where commits become visible.</param>
    /// <param name="log">Where they are kept.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="fatal">Called once when the disk failed a flush; nothing can be promised afterwards.</param>
    /// <param name="written">Called on the writer's thread after each batch.</param>
    public CommitWriter(MemoryIndex index, LogWriter log, StoreSettings settings, TimeProvider time, Action<string> fatal, Action written)
    {
        _index = index;
        _log = log;
        _settings = settings;
        _time = time;
        _fatal = fatal;
        _written = written;
        _thread = new Thread(Run) { Name = "store writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>False while the disk is full.</summary>
    public bool Writable => !_full && !_failed;

    /// <summary>Queues a commit.</summary>
    public Task<CommitResult> CommitAsync(CommitRequest request)
    {
        var pending = new PendingCommit(request);
        try
        {
            _queue.Add(pending);
        }
        catch (InvalidOperationException)
        {
            pending.TrySetResult(new CommitResult { Outcome = CommitOutcome.Unknown, Revision = _index.Current });
        }

        return pending.Task;
    }

    /// <summary>Writes what is queued and ends the thread.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    private void Run()
    {
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            try
            {
                for (var next = first; next is not null; next = _carried)
                {
                    _carried = null;
                    WriteBatch(next);
                }
            }
            catch (Exception e)
            {
                Fail(e);
            }
        }
    }

    private void WriteBatch(PendingCommit first)
    {
        _batch.Clear();
        _staged.Clear();
        var revision = _index.Current;
        var size = Frame.HeaderSize;
        var next = first;
        do
        {
            if (_batch.Count > 0 && size + CommitEncoding.Size(next.Request.Operations) > _log.MaxFrame)
            {
                _carried = next;
                break;
            }

            if (TryAdmit(next, ref size, revision + 1))
            {
                next.Revision = ++revision;
                _batch.Add(next);
            }
        }
        while (_batch.Count < MaxBatch && size < MaxBatchBytes && _queue.TryTake(out next!));

        if (_batch.Count == 0)
        {
            return;
        }

        Write(size, revision);
        Publish();
        foreach (var commit in _batch)
        {
            commit.TrySetResult(new CommitResult { Revision = commit.Revision });
        }

        _written();
    }

    // Answers at once what cannot be written; true if the commit takes part in the batch.
    private bool TryAdmit(PendingCommit commit, ref int size, long revision)
    {
        var request = commit.Request;
        if (_failed)
        {
            return Refuse(commit, CommitOutcome.Unknown);
        }

        for (var i = 0; i < request.Guards.Count; i++)
        {
            var guard = request.Guards[i];
            if (Revisions(guard.Key).Mod != guard.ModRevision)
            {
                return Conflict(commit, guard.Key);
            }
        }

        for (var i = 0; i < request.Operations.Count; i++)
        {
            if ((request.Operations[i].Value?.Length ?? 0) > _settings.MaxValueBytes || request.Operations[i].Key.Length > 1024)
            {
                commit.TrySetResult(new CommitResult { Outcome = CommitOutcome.TooLarge, Revision = _index.Current, Limit = _settings.MaxValueBytes });
                return false;
            }
        }

        var bytes = CommitEncoding.Size(request.Operations);
        if (bytes > _log.MaxFrame - Frame.HeaderSize)
        {
            commit.TrySetResult(new CommitResult { Outcome = CommitOutcome.TooLarge, Revision = _index.Current, Limit = _settings.MaxValueBytes });
            return false;
        }

        if (!HasRoom(size + bytes))
        {
            return Refuse(commit, CommitOutcome.NoSpace);
        }

        size += bytes;
        for (var i = 0; i < request.Operations.Count; i++)
        {
            var (key, value) = request.Operations[i];
            var before = Revisions(key);
            _staged[key] = value is null ? (0, 0) : (before.Create == 0 ? revision : before.Create, revision);
        }

        return true;
    }

    private bool HasRoom(long batchBytes)
    {
        if (_full && _time.GetUtcNow() < _retryAt)
        {
            return false;
        }

        try
        {
            _log.EnsureRoom(batchBytes);
            _full = false;
            return true;
        }
        catch (AggregateException e) when (e.InnerException is IOException io && DiskFull.Is(io))
        {
            _log.RetryPreparation();
            _retryAt = _time.GetUtcNow() + FullDiskPause;
            _full = true;
            return false;
        }
    }

    private void Write(int size, long lastRevision)
    {
        if (_frame.Length < size)
        {
            _frame = new byte[Math.Max(size, _frame.Length * 2)];
        }

        var frame = _frame.AsSpan(0, size);
        var rest = frame[Frame.HeaderSize..];
        foreach (var commit in _batch)
        {
            rest = CommitEncoding.Write(rest, commit.Request.Operations);
        }

        Frame.Seal(frame, _log.GenerationFor(size), _batch[0].Revision, _batch.Count);
        _log.Append(frame, lastRevision);
    }

    private void Publish()
    {
        if (_publishing.Length < _batch.Count)
        {
            _publishing = new (long, IReadOnlyList<CommitOperation>)[MaxBatch];
        }

        for (var i = 0; i < _batch.Count; i++)
        {
            _publishing[i] = (_batch[i].Revision, _batch[i].Request.Operations);
        }

        _index.Publish(_publishing.AsSpan(0, _batch.Count));
        Array.Clear(_publishing, 0, _batch.Count);
    }

    private (long Create, long Mod) Revisions(string key) => _staged.TryGetValue(key, out var staged) ? staged : _index.RevisionsOf(key);

    // What another commit of this batch staged is not on disk yet, so the conflict is answered with what is.
    private bool Conflict(PendingCommit commit, string key)
    {
        commit.TrySetResult(new CommitResult { Outcome = CommitOutcome.Conflict, Revision = _index.Current, Current = _index.Find(key) });
        return false;
    }

    private bool Refuse(PendingCommit commit, CommitOutcome outcome)
    {
        commit.TrySetResult(new CommitResult { Outcome = outcome, Revision = _index.Current });
        return false;
    }

    // After a failed flush nobody knows what the disk holds; trying again could acknowledge what is not there.
    private void Fail(Exception e)
    {
        _failed = true;
        foreach (var commit in _batch)
        {
            commit.TrySetResult(new CommitResult { Outcome = CommitOutcome.Unknown, Revision = _index.Current });
        }

        _fatal($"the store's log cannot be written: {e.Message}");
    }
}
