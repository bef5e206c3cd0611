using System.Runtime.CompilerServices;

namespace Modular.Kernel.Tests;

/// <summary>A store in memory that keeps its whole history, and fails where a test says so.</summary>
internal sealed class MemoryStore : IObjectStore, IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<StoreChange> _history = [];
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _current;
    private long _compacted;
    private int _conflicts;
    private CancellationTokenSource _watches = new();

    public CommitOutcome? Fails { get; set; }

    /// <summary>Runs before each commit, outside of the lock.</summary>
    public Func<CommitRequest, Task>? BeforeCommit { get; set; }

    public int Conflicts => _conflicts;

    public ValueTask<StoreStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(new StoreStatus { Current = _current, Compacted = _compacted });
        }
    }

    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var revision = request.Revision == 0 ? _current : request.Revision;
            if (revision > _current)
            {
                return new(new RangeResult { Outcome = RangeOutcome.Future, Revision = _current });
            }

            if (revision < _compacted)
            {
                return new(new RangeResult { Outcome = RangeOutcome.Compacted, Revision = _compacted });
            }

            var found = StateAt(revision)
                .Where(e => request.To is null ? e.Key == request.From : InRange(e.Key, request.From, request.To)).ToList();
            return new(new RangeResult
            {
                Revision = revision,
                Count = found.Count,
                Entries = [.. request.Limit > 0 ? found.Take(request.Limit) : found],
            });
        }
    }

    public async ValueTask<CommitResult> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        if (Fails is { } failure)
        {
            return new CommitResult { Outcome = failure, Limit = 100 };
        }

        if (BeforeCommit is { } before)
        {
            await before(request);
        }

        lock (_gate)
        {
            var state = StateAt(_current).ToDictionary(e => e.Key);
            foreach (var guard in request.Guards)
            {
                var actual = state.TryGetValue(guard.Key, out var entry) ? entry.ModRevision : 0;
                if (actual != guard.ModRevision)
                {
                    _conflicts++;
                    return new CommitResult { Outcome = CommitOutcome.Conflict, Revision = _current, Current = actual == 0 ? null : entry };
                }
            }

            _current++;
            foreach (var operation in request.Operations)
            {
                var exists = state.TryGetValue(operation.Key, out var entry);
                _history.Add(new StoreChange
                {
                    Key = operation.Key,
                    Revision = _current,
                    Value = operation.Value,
                    CreateRevision = exists ? entry.CreateRevision : _current,
                });
            }

            _grown.TrySetResult();
            _grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new CommitResult { Outcome = CommitOutcome.Committed, Revision = _current };
        }
    }

    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(
        StoreWatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = request.Revision;
        var watches = _watches;
        while (!watches.IsCancellationRequested)
        {
            Task grown;
            StoreWatchBatch batch;
            lock (_gate)
            {
                grown = _grown.Task;
                if (next <= _compacted)
                {
                    batch = new StoreWatchBatch { Kind = StoreWatchKind.Compacted, Revision = _compacted };
                }
                else
                {
                    batch = new StoreWatchBatch
                    {
                        Kind = StoreWatchKind.Changes,
                        Revision = _current,
                        Changes = [.. _history.Where(c => c.Revision >= next && InRange(c.Key, request.From, request.To))],
                    };
                }

                next = _current + 1;
            }

            yield return batch;
            if (batch.Kind == StoreWatchKind.Compacted)
            {
                yield break;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watches.Token);
            try
            {
                await grown.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (watches.IsCancellationRequested)
            {
                yield break;
            }
        }
    }

    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _compacted = Math.Max(_compacted, revision);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Ends every watch, as a store that restarts does.</summary>
    public void CutWatches()
    {
        var old = Interlocked.Exchange(ref _watches, new CancellationTokenSource());
        old.Cancel();
    }

    public void Dispose() => _watches.Dispose();

    private static bool InRange(string key, string from, string to) =>
        string.CompareOrdinal(key, from) >= 0 && string.CompareOrdinal(key, to) < 0;

    private SortedDictionary<string, StoreEntry>.ValueCollection StateAt(long revision)
    {
        var state = new SortedDictionary<string, StoreEntry>(StringComparer.Ordinal);
        foreach (var change in _history.TakeWhile(c => c.Revision <= revision))
        {
            if (change.Value is { } value)
            {
                state[change.Key] = new StoreEntry(change.Key, value, change.CreateRevision, change.Revision);
            }
            else
            {
                state.Remove(change.Key);
            }
        }

        return state.Values;
    }
}
