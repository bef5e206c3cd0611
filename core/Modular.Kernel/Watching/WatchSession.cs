using System.Runtime.CompilerServices;

namespace Modular.Kernel;

/// <summary>A watch on one cache: first what was there, if asked for, then what happens.</summary>
internal sealed class WatchSession : IWatchSession
{
    private const int InitialBatch = 512;

    private readonly WatchCache _cache;
    private readonly Watcher _watcher;
    private readonly WatchEvent? _endOfInitial;
    private IReadOnlyList<ApiObject> _initial;

    /// <summary>Opens the watch.</summary>
    /// <param name="cache">Where the objects are.</param>
    /// <param name="watcher">The reader's queue.</param>
    /// <param name="fromRevision">The last revision that the reader knows; null to begin with the objects there are.</param>
    /// <param name="marksEndOfInitial">Whether a bookmark follows the objects there are.</param>
    public WatchSession(WatchCache cache, Watcher watcher, long? fromRevision, bool marksEndOfInitial)
    {
        _cache = cache;
        _watcher = watcher;
        _initial = cache.Open(watcher, fromRevision, out var revision);
        if (marksEndOfInitial)
        {
            _endOfInitial = new WatchEvent(WatchEventType.Bookmark, Bookmarks.EndOfInitialEvents(cache.Definition.Kind, revision));
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<IReadOnlyList<WatchEvent>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(static w => ((Watcher)w!).End(), _watcher).ConfigureAwait(false);
        for (var at = 0; at < _initial.Count; at += InitialBatch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return InitialEvents(at, Math.Min(_initial.Count, at + InitialBatch));
        }

        _initial = [];
        if (_endOfInitial is { } end)
        {
            yield return [end];
        }

        while (await _watcher.TakeAsync().ConfigureAwait(false) is { } batch)
        {
            yield return batch;
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _cache.Close(_watcher);
        return ValueTask.CompletedTask;
    }

    private WatchEvent[] InitialEvents(int from, int to)
    {
        var events = new WatchEvent[to - from];
        for (var i = from; i < to; i++)
        {
            events[i - from] = new WatchEvent(WatchEventType.Added, _initial[i]);
        }

        return events;
    }
}
