using System.Collections.Frozen;
using Microsoft.Extensions.Logging;

namespace Modular.Kernel;

/// <summary>
/// The caches of all resources, fed by one watch of the store. A cache outlives its kind's definition: its objects stay in the store.
/// </summary>
internal sealed partial class WatchCaches : IAsyncDisposable
{
    /// <summary>How much of the past is read again at start, so that watches survive a restart.</summary>
    private const long Rewind = 4096;

    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(55);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly StoreAdapter _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly RevisionClock _clock = new();
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Watcher> _touched = [];
    private FrozenDictionary<string, WatchCache> _caches = FrozenDictionary<string, WatchCache>.Empty;
    private FrozenDictionary<string, WatchCache>.AlternateLookup<ReadOnlySpan<char>> _byKey;
    private ITimer? _bookmarks;
    private Task _loop = Task.CompletedTask;

    public WatchCaches(StoreAdapter store, TimeProvider time, ILogger log)
    {
        _store = store;
        _time = time;
        _log = log;
        _byKey = _caches.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Everything up to this revision is in the caches.</summary>
    public long Revision => _clock.Revision;

    /// <summary>All caches.</summary>
    public IEnumerable<WatchCache> All => Volatile.Read(ref _caches).Values;

    /// <summary>Reads everything there is and follows the store from then on. Done when the caches are as new as the store.</summary>
    public async Task StartAsync(IReadOnlyList<ResourceDefinition> definitions, CancellationToken cancellationToken)
    {
        var status = await _store.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        var past = Math.Max(1, Math.Max(status.Compacted, status.Current - Rewind));
        var request = new RangeRequest { From = StorageKeys.Registry, To = StorageKeys.RegistryEnd };
        var range = await _store.RangeAsync(request with { Revision = past }, cancellationToken).ConfigureAwait(false);
        if (range.Outcome != RangeOutcome.Found)
        {
            range = await _store.RangeAsync(request, cancellationToken).ConfigureAwait(false);
            past = range.Revision;
        }

        Serve(definitions.Where(static d => d.IsStored).Select(d => new WatchCache(d, _clock)));
        foreach (var (cache, entries) in Group(range.Entries))
        {
            cache.Load(entries, past);
        }

        _clock.Advance(past);
        _loop = Task.Run(FollowAsync, CancellationToken.None);
        _bookmarks = _time.CreateTimer(_ => _ = BookmarkAsync(), null, BookmarkInterval, BookmarkInterval);
        await _clock.WaitAsync(status.Current, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Follows a change of the kinds: new ones get a cache, others their new definition.</summary>
    public async Task RefreshAsync(IReadOnlyList<ResourceDefinition> definitions, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var all = new List<WatchCache>(_caches.Values);
            foreach (var definition in definitions.Where(static d => d.IsStored))
            {
                var prefix = StorageKeys.Prefix(definition.Resource);
                if (_caches.TryGetValue(prefix, out var existing))
                {
                    existing.Redefine(definition);
                    continue;
                }

                var cache = new WatchCache(definition, _clock);
                var request = new RangeRequest { From = prefix, To = StorageKeys.After(prefix) };
                var range = await _store.RangeAsync(request, cancellationToken).ConfigureAwait(false);
                cache.Load(range.Entries, range.Revision);
                all.Add(cache);
            }

            Serve(all);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>The cache of a kind that the registry serves: one is made before its kind is found.</summary>
    public WatchCache Of(ResourceDefinition definition) => Volatile.Read(ref _caches)[StorageKeys.Prefix(definition.StoredAs ?? definition.Resource)];

    /// <summary>Waits until the caches hold everything that the store has acknowledged so far.</summary>
    /// <exception cref="ApiException">Timeout: they do not come there in time.</exception>
    public async ValueTask WaitForCurrentAsync(CancellationToken cancellationToken)
    {
        var current = await _store.GetCurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
        if (_clock.Revision < current)
        {
            await WaitAsync(current, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the caches hold a revision that a client named.</summary>
    /// <exception cref="ApiException">Timeout: there is no such revision yet.</exception>
    public async ValueTask WaitForAsync(long revision, CancellationToken cancellationToken)
    {
        if (_clock.Revision >= revision)
        {
            return;
        }

        var current = await _store.GetCurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
        if (revision > current)
        {
            throw TooLarge(revision, current);
        }

        await WaitAsync(revision, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A revision that has not happened yet.</summary>
    public static ApiException TooLarge(long revision, long current) =>
        new(new ApiStatus(StatusReason.Timeout, $"Too large resource version: {revision}, current: {current}")
        {
            RetryAfterSeconds = 1,
            Causes = [new StatusCause("ResourceVersionTooLarge", "Too large resource version")],
        });

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        if (_bookmarks is not null)
        {
            await _bookmarks.DisposeAsync().ConfigureAwait(false);
        }

        await _loop.ConfigureAwait(false);
        foreach (var cache in All)
        {
            cache.EndWatches();
        }

        _changing.Dispose();
        _stop.Dispose();
    }

    private async ValueTask WaitAsync(long revision, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(LongestWait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _clock.WaitAsync(revision, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ApiException(new ApiStatus(StatusReason.Timeout, $"the cache is at revision {_clock.Revision} and did not come to {revision} in time")
            {
                RetryAfterSeconds = 1,
            });
        }
    }

    private async Task FollowAsync()
    {
        try
        {
            while (true)
            {
                await TryFollowAsync().ConfigureAwait(false);
                await Task.Delay(Retry, _time, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The kernel stops.
        }
    }

    private async Task TryFollowAsync()
    {
        try
        {
            await FollowOnceAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // Another store took the place of this one, or it was started again.
        }
        catch (Exception error) when (!_stop.IsCancellationRequested && error is not OutOfMemoryException)
        {
            LogFailed(error, _clock.Revision);
        }
    }

    private async Task FollowOnceAsync(CancellationToken cancellationToken)
    {
        var request = new StoreWatchRequest { From = StorageKeys.First, To = StorageKeys.End, Revision = _clock.Revision + 1 };
        await foreach (var batch in _store.WatchAsync(request, cancellationToken).ConfigureAwait(false))
        {
            await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (batch.Kind == StoreWatchKind.Compacted)
                {
                    await RelistAsync(cancellationToken).ConfigureAwait(false);
                    return;
                }

                Apply(batch);
            }
            finally
            {
                _changing.Release();
            }
        }
    }

    private void Apply(StoreWatchBatch batch)
    {
        var changes = batch.Changes;
        for (var i = 0; i < changes.Count; i++)
        {
            var change = changes[i];
            var prefix = StorageKeys.PrefixLength(change.Key);
            if (prefix > 0 && _byKey.TryGetValue(change.Key.AsSpan(0, prefix), out var cache))
            {
                cache.Apply(change, _touched);
            }
        }

        _clock.Advance(batch.Revision);
        WakeTouched();
    }

    private async Task RelistAsync(CancellationToken cancellationToken)
    {
        var request = new RangeRequest { From = StorageKeys.Registry, To = StorageKeys.RegistryEnd };
        var range = await _store.RangeAsync(request, cancellationToken).ConfigureAwait(false);
        LogGap(_clock.Revision, range.Revision);
        foreach (var (cache, entries) in Group(range.Entries))
        {
            cache.Replace(entries, range.Revision, _touched);
        }

        _clock.Advance(range.Revision);
        WakeTouched();
    }

    private void WakeTouched()
    {
        foreach (var watcher in _touched)
        {
            watcher.IsTouched = false;
            watcher.Wake();
        }

        _touched.Clear();
    }

    private async Task BookmarkAsync()
    {
        try
        {
            await _changing.WaitAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }

        try
        {
            foreach (var cache in All)
            {
                cache.Bookmark(_touched);
            }

            WakeTouched();
        }
        finally
        {
            _changing.Release();
        }
    }

    private void Serve(IEnumerable<WatchCache> caches)
    {
        var frozen = caches.ToFrozenDictionary(c => c.Prefix, StringComparer.Ordinal);
        _byKey = frozen.GetAlternateLookup<ReadOnlySpan<char>>();
        Volatile.Write(ref _caches, frozen);
    }

    /// <summary>Every cache with its part of the entries, which are in key order; caches without objects included.</summary>
    private List<(WatchCache Cache, ArraySegment<StoreEntry> Entries)> Group(IReadOnlyList<StoreEntry> entries)
    {
        var all = entries as StoreEntry[] ?? [.. entries];
        var parts = new Dictionary<string, ArraySegment<StoreEntry>>(StringComparer.Ordinal);
        for (var from = 0; from < all.Length;)
        {
            var prefix = all[from].Key[..StorageKeys.PrefixLength(all[from].Key)];
            var to = from + 1;
            while (to < all.Length && all[to].Key.StartsWith(prefix, StringComparison.Ordinal))
            {
                to++;
            }

            parts[prefix] = new ArraySegment<StoreEntry>(all, from, to - from);
            from = to;
        }

        return [.. All.Select(cache => (cache, parts.GetValueOrDefault(cache.Prefix, ArraySegment<StoreEntry>.Empty)))];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The watch of the store failed at revision {Revision}; it is opened again")]
    private partial void LogFailed(Exception error, long revision);

    [LoggerMessage(Level = LogLevel.Information, Message = "History after revision {From} is gone; the caches were read again at {To}")]
    private partial void LogGap(long from, long to);
}
