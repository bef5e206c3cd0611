using System.Runtime.CompilerServices;

namespace Modular.Kernel;

/// <summary>
/// A subscription to a cache. A reader that falls behind gets the joined changes of each object, so it never misses where things ended.
/// </summary>
internal sealed class Informer : IInformer
{
    private readonly WatchCache _cache;
    private readonly ObjectSelector _selector;
    private readonly CancellationTokenSource _ended = new();
    private readonly WatchSession _session;

    public Informer(WatchCache cache, ObjectSelector selector)
    {
        _cache = cache;
        _selector = selector;
        _session = new WatchSession(
            cache, new Watcher(selector, wantsBookmarks: false, endsWhenSlow: false), fromRevision: null, marksEndOfInitial: true);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<WatchEvent> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        var batches = _session.ReadAsync(either.Token).GetAsyncEnumerator(CancellationToken.None);
        await using (batches.ConfigureAwait(false))
        {
            while (await MoveNextAsync(batches, cancellationToken).ConfigureAwait(false))
            {
                var batch = batches.Current;
                for (var i = 0; i < batch.Count; i++)
                {
                    yield return batch[i];
                }
            }
        }
    }

    /// <inheritdoc />
    public ApiObject? Get(string ns, string name) =>
        _cache.Find(StorageKeys.Suffix(ns, name)) is { } found && _selector.Matches(found) ? found.Object : null;

    /// <inheritdoc />
    public IReadOnlyList<ApiObject> List(string ns = "")
    {
        if (ns.Length > 0 && _selector.Namespace.Length > 0 && ns != _selector.Namespace)
        {
            return [];
        }

        return _cache.List(ns.Length > 0 ? _selector.In(ns) : _selector).Items;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_ended.IsCancellationRequested)
        {
            await _ended.CancelAsync().ConfigureAwait(false);
            await _session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<IReadOnlyList<WatchEvent>> batches, CancellationToken cancellationToken)
    {
        try
        {
            return await batches.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
