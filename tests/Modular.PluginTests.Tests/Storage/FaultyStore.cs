using System.Runtime.CompilerServices;
using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>A plain store in memory that breaks one rule.</summary>
internal sealed class FaultyStore(StoreFault fault) : IObjectStore
{
    private const int MaxValueBytes = 1 << 12;
    private const int MaxKeyLength = 1024;

    private readonly Lock _gate = new();
    private readonly List<IReadOnlyList<CommitOperation>> _commits = [];
    private readonly ObjectStoreModel _model = new();
    private readonly Dictionary<string, long> _births = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _callersMemory = new(StringComparer.Ordinal);
    private readonly List<StoreChange> _deletionsOfNothing = [];
    private readonly Dictionary<string, TaskCompletionSource> _looking = new(StringComparer.Ordinal);
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _compacted = 1;

    private long Current
    {
        get
        {
            lock (_gate)
            {
                return _model.Current;
            }
        }
    }

    /// <summary>Another store, with what this one kept.</summary>
    public FaultyStore Reopen()
    {
        var again = new FaultyStore(fault);
        IEnumerable<IReadOnlyList<CommitOperation>> kept = fault switch
        {
            StoreFault.LosesTheLastCommitWhenReopened => _commits.SkipLast(1),
            StoreFault.ResurrectsDeletedKeysWhenReopened => _commits.Select(commit => (IReadOnlyList<CommitOperation>)[.. commit.Where(operation => operation.Value is not null)]),
            StoreFault.CountsAnewWhenReopened => [[.. _model.Entries(_model.Current).Select(entry => new CommitOperation(entry.Key, entry.Value))]],
            _ => _commits,
        };
        foreach (var commit in kept)
        {
            again.Apply(commit);
        }

        again._compacted = _compacted;
        return again;
    }

    public ValueTask<StoreStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(new StoreStatus { Current = fault == StoreFault.HidesWhereItStands ? 0 : _model.Current, Compacted = _compacted });
        }
    }

    public async ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        if (fault == StoreFault.FailsAtBoundsOutOfOrder && request.To is not null && string.CompareOrdinal(request.From, request.To) > 0)
        {
            throw new ArgumentException("the range ends before it begins");
        }

        if (fault != StoreFault.MixesStates || request.To is null || request.Revision != 0)
        {
            return Range(request);
        }

        // The first half now, the second when somebody has written: if nobody does, that is one state too.
        var begun = Range(request);
        if (begun.Count < 1000)
        {
            return begun;
        }

        await Next();
        var half = begun.Entries.Count / 2;
        return begun with { Entries = [.. begun.Entries.Take(half), .. Range(request).Entries.Skip(half)] };
    }

    public async ValueTask<CommitResult> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        if (fault != StoreFault.CommitsWhatWasCancelled)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (request.Operations.Any(operation => operation.Key.Length > MaxKeyLength || (operation.Value?.Length > MaxValueBytes && fault != StoreFault.TakesWhatIsTooLarge)))
        {
            return Answer(CommitOutcome.TooLarge) with { Limit = fault == StoreFault.HidesItsLimit ? 0 : MaxValueBytes };
        }

        RequireForm(request.Operations);
        var operations = request.Operations;
        if (fault == StoreFault.LooksAtGuardsBeforeItsTurn)
        {
            var conflict = Conflict(request.Guards);
            await MeetAnotherAsync(operations[0].Key);
            return conflict ?? Commit([], operations);
        }

        return Commit(request.Guards, operations);
    }

    /// <summary>Lets two who write the same key both look at their guards before either writes; whoever stays alone goes on after a moment.</summary>
    private async Task MeetAnotherAsync(string key)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_looking.Remove(key, out var other) && other.TrySetResult())
            {
                return;
            }

            _looking[key] = mine;
        }

        await Task.WhenAny(mine.Task, Task.Delay(50));
        mine.TrySetResult();
    }

    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(StoreWatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var known = Begin(request);
        if (known + 1 < _compacted && fault is not (StoreFault.WatchesOnFromCompacted or StoreFault.SkipsWhatWasCompacted))
        {
            yield return new StoreWatchBatch { Kind = StoreWatchKind.Compacted, Revision = _compacted };
            yield break;
        }

        if (fault != StoreFault.SaysNothingWhenAWatchBegins)
        {
            yield return new StoreWatchBatch { Kind = StoreWatchKind.Progress, Revision = Math.Min(known, Current) };
        }

        while (true)
        {
            Task next;
            lock (_gate)
            {
                next = _next.Task;
            }

            if (known + 1 < _compacted && known < Current && fault != StoreFault.WatchesOnFromCompacted)
            {
                if (fault != StoreFault.SkipsWhatWasCompacted)
                {
                    yield return new StoreWatchBatch { Kind = StoreWatchKind.Compacted, Revision = _compacted };
                    yield break;
                }

                known = _compacted - 1;
            }

            if (known >= Current)
            {
                await (fault == StoreFault.IgnoresCancellationOfWatches ? next : next.WaitAsync(cancellationToken));
            }
            else
            {
                var (last, changes) = Collect(request, known);
                foreach (var batch in Batches(changes, last))
                {
                    yield return batch;
                }

                known = last;
            }
        }
    }

    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (fault == StoreFault.ForgetsNothing)
            {
                return ValueTask.CompletedTask;
            }

            var until = fault == StoreFault.CompactsThePresent ? revision : Math.Min(revision, _model.Current);
            if (fault == StoreFault.LosesOldKeysInCompaction)
            {
                _births.Clear();
                foreach (var entry in _model.Entries(_model.Current).Where(entry => entry.ModRevision < until))
                {
                    _births[entry.Key] = -1;
                }
            }

            _compacted = Math.Max(_compacted, until);
            return ValueTask.CompletedTask;
        }
    }

    private Task Next()
    {
        lock (_gate)
        {
            return _next.Task;
        }
    }

    private void RequireForm(IReadOnlyList<CommitOperation> operations)
    {
        if ((operations.Count == 0 && fault != StoreFault.TakesEmptyCommits)
            || (operations.DistinctBy(operation => operation.Key).Count() < operations.Count && fault != StoreFault.TakesAKeyTwice)
            || (operations.Any(operation => operation.Key.Length == 0 || operation.Key.Any(c => c is < '!' or > '~')) && fault != StoreFault.TakesAnyKey))
        {
            throw new ArgumentException("that is no commit", nameof(operations));
        }
    }

    private CommitResult Commit(IReadOnlyList<CommitGuard> guards, IReadOnlyList<CommitOperation> operations)
    {
        // Nobody else writes between the look at the guards and the writing.
        lock (_gate)
        {
            if (Conflict(guards) is { } conflict)
            {
                if (fault is StoreFault.DoesPartOfARefusedCommit or StoreFault.CountsRefusedCommits)
                {
                    Apply(fault == StoreFault.DoesPartOfARefusedCommit ? [operations[0]] : []);
                }

                return conflict;
            }

            if (fault == StoreFault.SkipsRevisions)
            {
                Apply([]);
            }

            return new CommitResult { Revision = Apply(operations) };
        }
    }

    private CommitResult? Conflict(IReadOnlyList<CommitGuard> guards)
    {
        lock (_gate)
        {
            var broken = guards.Where(guard => !_model.Holds(guard)).Take(1).ToList();
            return broken is [] || fault == StoreFault.IgnoresGuards ? null
                : Answer(CommitOutcome.Conflict) with { Current = fault == StoreFault.HidesWhatConflicts ? null : _model.Find(broken[0].Key) };
        }
    }

    private CommitResult Answer(CommitOutcome outcome) => new() { Outcome = outcome, Revision = Current };

    private long Apply(IReadOnlyList<CommitOperation> operations)
    {
        TaskCompletionSource before;
        long revision;
        lock (_gate)
        {
            _deletionsOfNothing.AddRange(operations.Where(operation => operation.Value is null && _model.Find(operation.Key) is null)
                .Select(operation => new StoreChange { Key = operation.Key, Revision = _model.Current + 1 }));
            _commits.Add(operations);
            revision = _model.Commit(operations);
            foreach (var operation in operations)
            {
                _callersMemory[operation.Key] = operation.Value ?? default;
                if (fault == StoreFault.LosesOldKeysInCompaction)
                {
                    _births.Remove(operation.Key);
                }
                else
                {
                    _births.TryAdd(operation.Key, revision);
                }
            }

            (before, _next) = (_next, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        before.SetResult();
        return revision;
    }

    private RangeResult Range(RangeRequest request)
    {
        lock (_gate)
        {
            var revision = request.Revision == 0 ? _model.Current : request.Revision;
            if (revision > _model.Current && fault != StoreFault.ReadsTheFuture)
            {
                return new RangeResult { Outcome = RangeOutcome.Future, Revision = _model.Current };
            }

            if (revision < Math.Min(_compacted, _model.Current) && fault != StoreFault.ReadsThePresentForTheCompacted)
            {
                return new RangeResult { Outcome = RangeOutcome.Compacted, Revision = _compacted };
            }

            var read = fault == StoreFault.ReadsThePresentForThePast || revision < _compacted ? _model.Current : Math.Min(revision, _model.Current);
            var entries = _model.Entries(read, request.From, fault == StoreFault.IncludesTheEnd && request.To is not null ? request.To + "\0" : request.To).ToList();
            if (fault == StoreFault.OrdersWithoutCase)
            {
                entries = [.. entries.OrderBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase)];
            }

            if (fault == StoreFault.LosesOldKeysInCompaction)
            {
                entries.RemoveAll(entry => _births.GetValueOrDefault(entry.Key) < 0);
            }

            var count = entries.Count;
            var taken = (request.CountOnly && fault != StoreFault.ReturnsKeysOfCountOnly) || (request.Limit > 0 && fault != StoreFault.IgnoresLimits)
                ? entries[..(request.CountOnly ? 0 : Math.Min(request.Limit, count))] : entries;
            return new RangeResult
            {
                Revision = revision,
                Entries = [.. taken.Select(entry => Shown(entry, request.KeysOnly))],
                Count = fault == StoreFault.CountsWhatItReturns ? taken.Count : count,
            };
        }
    }

    private StoreEntry Shown(StoreEntry entry, bool keysOnly) => entry with
    {
        CreateRevision = fault == StoreFault.KeepsTheBirthOfDeletedKeys ? _births[entry.Key] : entry.CreateRevision,
        Value = keysOnly && fault != StoreFault.ReturnsValuesOfKeysOnly ? default : fault == StoreFault.KeepsTheCallersMemory ? _callersMemory[entry.Key] : entry.Value,
    };

    private long Begin(StoreWatchRequest request)
    {
        var current = Current;
        var from = request.Revision == 0 ? fault == StoreFault.TellsThePastUnasked ? 1 : current + 1 : request.Revision;
        return fault == StoreFault.TellsWhatIsBeforeTheStart ? Math.Min(from - 1, current) : from - 1;
    }

    private (long Last, List<StoreChange> Changes) Collect(StoreWatchRequest request, long known)
    {
        lock (_gate)
        {
            var (from, to) = fault == StoreFault.TellsOfOtherKeys ? ("", "\uffff") : (request.From, request.To);
            var changes = _model.Changes(known + 1, _model.Current, from, to);
            if (fault == StoreFault.TellsOfDeletionsOfNothing)
            {
                changes = changes.Concat(_deletionsOfNothing.Where(change => change.Revision > known)).OrderBy(change => change.Revision);
            }

            changes = fault switch
            {
                StoreFault.LosesChanges => changes.Where(change => change.Revision % 5 != 0),
                StoreFault.RepeatsChanges when known > 0 && changes.Any() => _model.Changes(known, known, from, to).Concat(changes),
                StoreFault.ReordersChanges => changes.Reverse(),
                StoreFault.StampsChangesWrongly => changes.Select(change => change with { Revision = _model.Current }),
                _ => changes,
            };
            return (_model.Current, [.. changes.Select(change => Shown(change, request.WithPrevious))]);
        }
    }

    private StoreChange Shown(StoreChange change, bool withPrevious) =>
        (withPrevious && fault != StoreFault.LeavesPreviousValuesOut) || fault == StoreFault.TellsPreviousValuesUnasked ? change : change with { Previous = null };

    private IEnumerable<StoreWatchBatch> Batches(List<StoreChange> changes, long last)
    {
        if (changes.Count == 0)
        {
            return [new StoreWatchBatch { Kind = StoreWatchKind.Progress, Revision = last }];
        }

        var parts = fault == StoreFault.SplitsCommits ? changes.Chunk(40) : [[.. changes]];
        return parts.Select(part => new StoreWatchBatch { Kind = StoreWatchKind.Changes, Revision = last, Changes = part });
    }
}
