using System.Globalization;
using System.Text;
using Modular.Abstractions;

namespace Modular.PluginTests;

/// <summary>Random work on a store, each answer compared with the model's. Keeps a log of what it did.</summary>
internal sealed class StoreWalk(IObjectStore store, Func<bool, ValueTask<IObjectStore>> reopen, CancellationToken cancellationToken) : IAsyncDisposable
{
    private const int Keys = 20;
    private const string Everything = "\uffff";

    private readonly ObjectStoreModel _model = new();
    private readonly StoreWatcher?[] _watchers = new StoreWatcher?[4];
    private readonly List<string> _log = [];
    private IObjectStore _store = store;

    /// <summary>What was done, a line a step.</summary>
    public IReadOnlyList<string> Log => _log;

    public Task StepAsync(StoreStep step)
    {
        var random = new Random(step.Seed);
        return step.Kind switch
        {
            StoreStepKind.Commit => CommitAsync(random),
            StoreStepKind.Range => RangeAsync(random),
            StoreStepKind.Compact => CompactAsync(random),
            StoreStepKind.Reopen => ReopenAsync(random),
            StoreStepKind.Watch => WatchAsync(random),
            StoreStepKind.Read => ReadAsync(random.Next(_watchers.Length)),
            _ => CutAsync(random),
        };
    }

    /// <summary>Reads all watches to their ends and compares all that is still readable.</summary>
    public async Task EndAsync()
    {
        for (var slot = 0; slot < _watchers.Length; slot++)
        {
            await ReadAsync(slot);
        }

        await CheckStateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watcher in _watchers.OfType<StoreWatcher>())
        {
            await watcher.DisposeAsync();
        }
    }

    // The changes of one commit come in any order.
    private static IEnumerable<string> InOrder(IEnumerable<StoreChange> changes) =>
        changes.OrderBy(change => change.Revision).ThenBy(change => change.Key, StringComparer.Ordinal).Select(ObjectStoreModel.Text);

    private static string Key(int number) => $"k{number:00}";

    private async Task CommitAsync(Random random)
    {
        var keys = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Key(random.Next(Keys))).Distinct().ToList();
        var value = $"{random.Next(1000)}{new string('v', random.Next(100))}";
        CommitOperation[] operations = [.. keys.Select(key => random.Next(3) == 0 ? new CommitOperation(key, null) : new CommitOperation(key, Encoding.UTF8.GetBytes(value)))];
        CommitGuard[] guards = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Guard(random, Key(random.Next(Keys))))];
        _log.Add($"commit {string.Join(' ', operations.Select(operation => $"{operation.Key}={(operation.Value is null ? "-" : value)}"))}"
            + string.Concat(guards.Select(guard => $" if {guard.Key}@{guard.ModRevision}")));

        var result = await _store.CommitAsync(new CommitRequest { Guards = guards, Operations = operations }, cancellationToken);

        if (guards.All(_model.Holds))
        {
            Assert.Equal((CommitOutcome.Committed, _model.Commit(operations)), (result.Outcome, result.Revision));
            return;
        }

        Assert.Equal((CommitOutcome.Conflict, _model.Current), (result.Outcome, result.Revision));
        var expected = _model.Find(guards.First(guard => !_model.Holds(guard)).Key);
        Assert.Equal(expected is { } known ? ObjectStoreModel.Text(known) : null, result.Current is { } answer ? ObjectStoreModel.Text(answer) : null);
    }

    private CommitGuard Guard(Random random, string key) =>
        new(key, random.Next(5) == 0 ? random.NextInt64(_model.Current + 2) : _model.Find(key)?.ModRevision ?? 0);

    private async Task RangeAsync(Random random)
    {
        string[] bounds = ["", Key(random.Next(Keys)), Key(random.Next(Keys)), Key(random.Next(Keys)) + "\0", Everything];
        var before = await _store.GetStatusAsync(cancellationToken);
        var request = new RangeRequest
        {
            From = bounds[random.Next(4)],
            To = random.Next(5) == 0 ? null : bounds[random.Next(5)],
            Limit = random.Next(3) == 0 ? random.Next(1, 6) : 0,
            Revision = random.Next(3) == 0 ? random.NextInt64(Math.Max(0, before.Compacted - 2), _model.Current + 2) : 0,
            KeysOnly = random.Next(4) == 0,
            CountOnly = random.Next(8) == 0,
        };
        _log.Add(FormattableString.Invariant($"range {request.From.TrimEnd('\0')}..{(request.To == Everything ? "end" : request.To?.TrimEnd('\0') ?? "alone")} limit {request.Limit} at {request.Revision}{(request.KeysOnly ? " keys" : "")}{(request.CountOnly ? " count" : "")}"));

        var result = await _store.RangeAsync(request, cancellationToken);

        if (request.Revision > _model.Current)
        {
            Assert.Equal((RangeOutcome.Future, _model.Current), (result.Outcome, result.Revision));
            return;
        }

        if (result.Outcome == RangeOutcome.Compacted)
        {
            // A store may forget of its own accord, at any moment, as long as it says so.
            Assert.NotEqual(0, request.Revision);
            Assert.InRange((await _store.GetStatusAsync(cancellationToken)).Compacted, request.Revision + 1, long.MaxValue);
            return;
        }

        Assert.Equal(RangeOutcome.Found, result.Outcome);
        Assert.True(request.Revision is 0 || request.Revision >= Math.Min(before.Compacted, _model.Current), $"revision {request.Revision} is compacted and was read");
        var revision = request.Revision == 0 ? _model.Current : request.Revision;
        var expected = _model.Entries(revision, request.From, request.To).ToList();
        Assert.Equal((revision, expected.Count), (result.Revision, result.Count));
        var returned = request.CountOnly ? [] : request.Limit == 0 ? expected : expected.Take(request.Limit);
        Assert.Equal(returned.Select(entry => ObjectStoreModel.Text(request.KeysOnly ? entry with { Value = default } : entry)), result.Entries.Select(ObjectStoreModel.Text));
    }

    private async Task CompactAsync(Random random)
    {
        var revision = random.NextInt64(_model.Current + 3);
        _log.Add($"compact {revision}");
        var compacted = await StoreCompaction.CompactAsync(_store, revision, cancellationToken);
        if (compacted < Math.Min(revision, _model.Current))
        {
            // No shorter way to it is looked for: each would take as long.
            throw new TimeoutException($"the store was to compact up to {revision}, and is compacted up to {compacted} only");
        }

        Assert.True(compacted <= _model.Current + 1, $"the store is compacted up to {compacted}, which is still to come");
        await CheckStateAsync();
    }

    private async Task ReopenAsync(Random random)
    {
        var crash = random.Next(2) == 0;
        _log.Add(crash ? "crash and reopen" : "reopen");
        var cut = new (StoreWatchRequest Request, long Known)?[_watchers.Length];
        for (var slot = 0; slot < cut.Length; slot++)
        {
            if (_watchers[slot] is { } watcher)
            {
                cut[slot] = (watcher.Request, watcher.Known);
                await watcher.DisposeAsync();
                _watchers[slot] = null;
            }
        }

        _store = await reopen(crash);
        await CheckStateAsync();
        for (var slot = 0; slot < cut.Length; slot++)
        {
            if (cut[slot] is { } resumed)
            {
                await BeginAsync(slot, resumed.Request with { Revision = resumed.Known + 1 });
            }
        }
    }

    private async Task WatchAsync(Random random)
    {
        var slot = random.Next(_watchers.Length);
        if (_watchers[slot] is { } former)
        {
            _watchers[slot] = null;
            await former.DisposeAsync();
        }

        var from = random.Next(Keys - 1);
        await BeginAsync(slot, new StoreWatchRequest
        {
            From = random.Next(3) == 0 ? "" : Key(from),
            To = random.Next(3) == 0 ? Everything : Key(random.Next(from + 1, Keys)),
            Revision = random.Next(4) switch { 0 => 0, 1 => _model.Current + random.Next(1, 4), _ => random.NextInt64(_model.Current + 1) },
            WithPrevious = random.Next(2) == 0,
        });
    }

    // Begins a watch in a slot; the slot stays empty if its beginning is compacted.
    private async Task BeginAsync(int slot, StoreWatchRequest request)
    {
        _log.Add($"watch {slot}: {request.From}..{(request.To == Everything ? "end" : request.To)} from {request.Revision}{(request.WithPrevious ? " with previous" : "")}");
        var before = await _store.GetStatusAsync(cancellationToken);
        var watcher = new StoreWatcher(_store, request, cancellationToken);
        _watchers[slot] = watcher;
        var batch = await watcher.NextAsync();
        Assert.NotNull(batch);
        if (batch.Kind == StoreWatchKind.Compacted)
        {
            Assert.NotEqual(0, request.Revision);
            Assert.Null(await watcher.NextAsync());
            await CheckCompactedAsync(slot);
            return;
        }

        Assert.Equal(StoreWatchKind.Progress, batch.Kind);
        Assert.True(request.Revision == 0 || request.Revision >= Math.Min(before.Compacted, _model.Current + 1), $"revision {request.Revision} is compacted and can be watched from");
        if (request.Revision == 0)
        {
            Assert.Equal(_model.Current, batch.Revision);
        }
    }

    // A commit in the watch's range shows when everything before it has to have been told.
    private async Task ReadAsync(int slot)
    {
        if (_watchers[slot] is not { } watcher)
        {
            return;
        }

        var key = watcher.Request.From.Length > 0 ? watcher.Request.From : Key(0);
        _log.Add($"read {slot} after commit {key}=read");
        var known = watcher.Known;
        do
        {
            var operation = new CommitOperation(key, "read"u8.ToArray());
            var result = await _store.CommitAsync(new CommitRequest { Operations = [operation] }, cancellationToken);
            Assert.Equal((CommitOutcome.Committed, _model.Commit(operation)), (result.Outcome, result.Revision));
        }
        while (_model.Current <= known);

        if (await watcher.ReadToAsync(_model.Current) is not { } changes)
        {
            await CheckCompactedAsync(slot);
            return;
        }

        var expected = _model.Changes(known + 1, _model.Current, watcher.Request.From, watcher.Request.To)
            .Select(change => watcher.Request.WithPrevious ? change : change with { Previous = null });
        Assert.Equal(InOrder(expected), InOrder(changes));
    }

    private async Task CutAsync(Random random)
    {
        var slot = random.Next(_watchers.Length);
        if (_watchers[slot] is { } watcher)
        {
            var waits = random.Next(2) == 0;
            _log.Add($"cut {slot}{(waits ? " while it waits" : "")}");
            if (waits)
            {
                await watcher.CutAsync();
            }

            await watcher.DisposeAsync();
            await BeginAsync(slot, watcher.Request with { Revision = watcher.Known + 1 });
        }
    }

    private async Task CheckCompactedAsync(int slot)
    {
        var watcher = _watchers[slot]!;
        _watchers[slot] = null;
        await watcher.DisposeAsync();
        var compacted = (await _store.GetStatusAsync(cancellationToken)).Compacted;
        Assert.True(compacted > watcher.Known + 1, $"a watch that knew revision {watcher.Known} was told Compacted, and the store is compacted up to {compacted} only");
    }

    private async Task CheckStateAsync()
    {
        Assert.Equal(_model.Current, (await _store.GetStatusAsync(cancellationToken)).Current);
        var all = await _store.RangeAsync(new RangeRequest { From = "", To = Everything }, cancellationToken);
        Assert.Equal(_model.Entries(_model.Current).Select(ObjectStoreModel.Text), all.Entries.Select(ObjectStoreModel.Text));
    }
}
