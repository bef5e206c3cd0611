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
    private static readonly TimeSpan FullDiskPause = TimeSpan.FromSeconds(1);

    private readonly CommitQueue _queue = new();
    private readonly List<PendingCommit> _contested = [];
    private readonly MemoryIndex _index;
    private readonly BatchBuilder _batch;
    private readonly LogWriter _log;
    private readonly StoreSettings _settings;
    private readonly StoreEnvironment _environment;
    private readonly Action _written;
    private readonly ITimer _retry;
    private readonly Thread _thread;
    private List<PendingCommit> _taken = [];
    private int _failures;
    private volatile bool _failed;
    private volatile bool _full;
    private volatile bool _retryDue;

    /// <summary>Prepares the thread; <see cref="Start"/> starts it.</summary>
    /// <param name="index">Where commits become visible.</param>
    /// <param name="log">Where they are kept.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="environment">What the host gives.</param>
    /// <param name="written">Called on the writer's thread after each batch was answered.</param>
    public CommitWriter(MemoryIndex index, LogWriter log, StoreSettings settings, StoreEnvironment environment, Action written)
    {
        _index = index;
        _batch = new BatchBuilder(index);
        _log = log;
        _settings = settings;
        _environment = environment;
        _written = written;
        _retry = environment.Time.CreateTimer(_ => RetryRoom(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Run) { Name = "store writer", IsBackground = true };
    }

    /// <summary>False while the disk is full, and after a failure.</summary>
    public bool Writable => !_full && !_failed;

    public void Start() => _thread.Start();

    /// <summary>Queues a commit; its task ends when it is on disk and visible, or refused.</summary>
    public ValueTask<CommitResult> CommitAsync(CommitRequest request)
    {
        var operations = CommitCheck.Take(request, _settings.MaxValueBytes);
        var commit = operations is null ? null : new PendingCommit(request.Guards, operations);
        if (commit is null || Frame.HeaderSize + commit.Bytes > _log.MaxFrame)
        {
            _environment.Metrics.Answered(CommitOutcome.TooLarge, 1);
            return new(Answer(CommitOutcome.TooLarge) with { Limit = _settings.MaxValueBytes });
        }

        return _queue.TryAdd(commit) ? new(commit.Task) : new(Answer(CommitOutcome.Unknown));
    }

    /// <summary>Has a failure of another part of the store end all writing.</summary>
    public void Fail(Exception reason)
    {
        if (Interlocked.Exchange(ref _failures, 1) != 0)
        {
            return;
        }

        _failed = true;
        _queue.Close();
        StoreEvents.Failed(_environment.Log, reason, _index.Current);
        _environment.Fatal($"the store cannot go on: {reason.Message}");
    }

    /// <summary>Writes what is queued and ends the thread.</summary>
    public void Dispose()
    {
        _queue.Close();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _retry.Dispose();
    }

    private void Run()
    {
        while (_queue.Take(ref _taken))
        {
            var next = 0;
            try
            {
                if (_retryDue && !_failed)
                {
                    Resume();
                }

                while (next < _taken.Count)
                {
                    next = WriteBatch(next);
                }
            }
            catch (Exception e)
            {
                Lose();
                Fail(e);
            }

            _taken.Clear();
        }
    }

    private int WriteBatch(int next)
    {
        _batch.Clear();
        _contested.Clear();
        while (next < _taken.Count && _batch.HasRoomFor(_taken[next]))
        {
            Admit(_taken[next++]);
        }

        if (!_batch.IsEmpty)
        {
            var begun = _environment.Time.GetTimestamp();
            _log.Append(_batch.Seal(_log), _batch.Pending[^1].Revision);
            _environment.Metrics.Flushed(_batch.Pending.Count, _environment.Time.GetElapsedTime(begun));
            _index.Publish(_batch.Commits);
            foreach (var commit in _batch.Pending)
            {
                commit.TrySetResult(new CommitResult { Revision = commit.Revision });
            }

            _environment.Metrics.Answered(CommitOutcome.Committed, _batch.Pending.Count);
        }

        foreach (var commit in _contested)
        {
            AnswerConflict(commit, commit.ContestedKey!);
        }

        if (!_batch.IsEmpty)
        {
            _written();
        }

        return next;
    }

    // Answers at once what cannot be written; the rest joins the batch.
    private void Admit(PendingCommit commit)
    {
        if (_failed)
        {
            Refuse(commit, CommitOutcome.Unknown);
        }
        else if (_batch.FindBrokenGuard(commit, out var contested) is { } key)
        {
            Conflict(commit, key, contested);
        }
        else if (!HasDiskFor(_batch.FrameBytesWith(commit)))
        {
            Refuse(commit, CommitOutcome.NoSpace);
        }
        else
        {
            _batch.Add(commit);
        }
    }

    // A commit of this batch that breaks a guard is not on disk yet: the conflict waits for it, or it would tell what might never happen.
    private void Conflict(PendingCommit commit, string key, bool contested)
    {
        if (contested)
        {
            commit.ContestedKey = key;
            _contested.Add(commit);
            return;
        }

        AnswerConflict(commit, key);
    }

    private void AnswerConflict(PendingCommit commit, string key)
    {
        commit.TrySetResult(Answer(CommitOutcome.Conflict) with { Current = _index.Find(key) });
        _environment.Metrics.Answered(CommitOutcome.Conflict, 1);
    }

    private void Refuse(PendingCommit commit, CommitOutcome outcome)
    {
        commit.TrySetResult(Answer(outcome));
        _environment.Metrics.Answered(outcome, 1);
    }

    private CommitResult Answer(CommitOutcome outcome) => new() { Outcome = outcome, Revision = _index.Current };

    private bool HasDiskFor(long frameBytes)
    {
        if (_full)
        {
            return false;
        }

        try
        {
            _log.Reserve(frameBytes);
            return true;
        }
        catch (Exception e) when (IsLackOfRoom(e))
        {
            _full = true;
            StoreEvents.WritesOff(_environment.Log, e.Message);
            _retry.Change(FullDiskPause, Timeout.InfiniteTimeSpan);
            return false;
        }
    }

    private void RetryRoom()
    {
        _retryDue = true;
        _queue.Wake();
    }

    private void Resume()
    {
        _retryDue = false;
        try
        {
            _log.ReserveSegment();
            _full = false;
            StoreEvents.WritesOn(_environment.Log);
        }
        catch (Exception e) when (IsLackOfRoom(e))
        {
            _retry.Change(FullDiskPause, Timeout.InfiniteTimeSpan);
        }
    }

    // No file could be made; nothing that counts was touched, so this passes with its cause.
    private static bool IsLackOfRoom(Exception e) => e is (IOException and not FlushFailedException) or UnauthorizedAccessException;

    // Whatever of the batch was not answered may be on disk or not; what was not tried is answered the same.
    private void Lose()
    {
        foreach (var commit in _taken)
        {
            if (commit.TrySetResult(Answer(CommitOutcome.Unknown)))
            {
                _environment.Metrics.Answered(CommitOutcome.Unknown, 1);
            }
        }
    }
}
