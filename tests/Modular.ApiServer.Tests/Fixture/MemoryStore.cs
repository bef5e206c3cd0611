using System.Runtime.CompilerServices;

namespace Modular.ApiServer.Tests;

/// <summary>A store that forgets everything at its end and never compacts.</summary>
internal sealed class MemoryStore : IObjectStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, StoreEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<StoreChange> _changes = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _revision;

    public ValueTask<StoreStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(new StoreStatus { Current = Volatile.Read(ref _revision) });

    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var revision = request.Revision == 0 ? _revision : request.Revision;
            if (revision > _revision)
            {
                return ValueTask.FromResult(new RangeResult { Outcome = RangeOutcome.Future, Revision = _revision });
            }

            var all = At(revision).Where(e => Within(e.Key, request.From, request.To)).ToList();
            return ValueTask.FromResult(new RangeResult
            {
                Revision = revision,
                Count = all.Count,
                Entries = request.CountOnly ? [] : request.Limit > 0 ? [.. all.Take(request.Limit)] : all,
            });
        }
    }

    public ValueTask<CommitResult> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var guard in request.Guards)
            {
                var exists = _entries.TryGetValue(guard.Key, out var entry);
                if ((exists ? entry.ModRevision : 0) != guard.ModRevision)
                {
                    return ValueTask.FromResult(new CommitResult
                    {
                        Outcome = CommitOutcome.Conflict,
                        Revision = _revision,
                        Current = exists ? entry : null,
                    });
                }
            }

            _revision++;
            foreach (var operation in request.Operations)
            {
                Apply(operation);
            }

            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return ValueTask.FromResult(new CommitResult { Outcome = CommitOutcome.Committed, Revision = _revision });
        }
    }

    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(
        StoreWatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = request.Revision == 0 ? Volatile.Read(ref _revision) + 1 : request.Revision;
        yield return new StoreWatchBatch { Kind = StoreWatchKind.Progress, Revision = next - 1 };
        while (true)
        {
            List<StoreChange> changes;
            long upTo;
            Task changed;
            lock (_lock)
            {
                changes = [.. _changes.Where(c => c.Revision >= next && Within(c.Key, request.From, request.To))];
                (upTo, changed) = (_revision, _changed.Task);
            }

            if (upTo >= next)
            {
                yield return new StoreWatchBatch { Kind = StoreWatchKind.Changes, Revision = upTo, Changes = changes };
                next = upTo + 1;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private static bool Within(string key, string from, string? to) =>
        string.CompareOrdinal(key, from) >= 0 && (to is null ? key == from : string.CompareOrdinal(key, to) < 0);

    private void Apply(CommitOperation operation)
    {
        var existed = _entries.Remove(operation.Key, out var old);
        if (operation.Value is { } value)
        {
            _entries[operation.Key] = new StoreEntry(operation.Key, value, existed ? old.CreateRevision : _revision, _revision);
        }

        if (existed || operation.Value is not null)
        {
            _changes.Add(new StoreChange
            {
                Key = operation.Key,
                Revision = _revision,
                Value = operation.Value,
                Previous = existed ? old.Value : default(ReadOnlyMemory<byte>?),
                CreateRevision = existed ? old.CreateRevision : _revision,
            });
        }
    }

    private SortedDictionary<string, StoreEntry>.ValueCollection At(long revision)
    {
        var entries = new SortedDictionary<string, StoreEntry>(StringComparer.Ordinal);
        foreach (var change in _changes)
        {
            if (change.Revision > revision)
            {
                break;
            }

            entries.Remove(change.Key);
            if (change.Value is { } value)
            {
                entries[change.Key] = new StoreEntry(change.Key, value, change.CreateRevision, change.Revision);
            }
        }

        return entries.Values;
    }
}
