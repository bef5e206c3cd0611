using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>
/// A scope's objects, listed once and then followed. A watch that breaks goes on where it ended; if the server no longer knows that place,
/// the objects are listed again and the difference is what happened. While the server is away the last known state stands.
/// </summary>
internal sealed class RemoteInformer : IInformer
{
    private const int OpeningAttempts = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly RemoteCalls _calls;
    private readonly ResourceScope _scope;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectName, ApiObject> _objects = [];
    private readonly PendingEvents _pending = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Queue<WatchEvent> _initial = [];
    private readonly Task _following;
    private long _revision;

    private RemoteInformer(RemoteCalls calls, ResourceScope scope, TimeProvider time, ApiObjectList list, RemoteWatch watch)
    {
        _calls = calls;
        _scope = scope;
        _time = time;
        _revision = list.Revision;
        foreach (var obj in list.Items)
        {
            _objects[obj.Name] = obj;
            _initial.Enqueue(new WatchEvent(WatchEventType.Added, obj));
        }

        _initial.Enqueue(new WatchEvent(WatchEventType.Bookmark, EndOfInitial(list.Revision)));
        _following = FollowAsync(watch, _ended.Token);
    }

    /// <summary>Lists and begins to watch, so that whoever may not do either is told now.</summary>
    /// <exception cref="ApiException">The server refused, or can't be reached.</exception>
    public static async ValueTask<RemoteInformer> OpenAsync(RemoteCalls calls, ResourceScope scope, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var list = await RemoteList.ReadAsync(calls, scope, cancellationToken).ConfigureAwait(false);
            try
            {
                var watch = await RemoteWatch.OpenAsync(calls, scope, list.Revision, time, cancellationToken).ConfigureAwait(false);
                return new RemoteInformer(calls, scope, time, list, watch);
            }
            catch (ApiException e) when (RemoteWatch.IsGap(e) && attempt < OpeningAttempts)
            {
                // So much happened meanwhile that the list is history.
            }
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<WatchEvent> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (_initial.TryDequeue(out var initial))
        {
            yield return initial;
        }

        while (await _pending.TakeAsync(cancellationToken).ConfigureAwait(false) is { } batch)
        {
            foreach (var change in batch)
            {
                yield return change;
            }
        }
    }

    /// <inheritdoc />
    public ApiObject? Get(string ns, string name)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(new ObjectName(ns, name));
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<ApiObject> List(string ns = "")
    {
        lock (_lock)
        {
            return ns.Length == 0 ? [.. _objects.Values] : [.. _objects.Values.Where(obj => obj.Metadata.Namespace == ns)];
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_ended.IsCancellationRequested)
        {
            await _ended.CancelAsync().ConfigureAwait(false);
            _pending.End();
            await _following.ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(RemoteWatch opened, CancellationToken cancellationToken)
    {
        try
        {
            var pause = FirstPause;
            for (RemoteWatch? next = opened; ; next = null)
            {
                if (await FollowOnceAsync(next, cancellationToken).ConfigureAwait(false))
                {
                    pause = FirstPause;
                }

                await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The informer is ended.
        }
        catch (Exception e)
        {
            // Nobody foresaw it; a reader that hears of nothing any more would not even know.
            _pending.End(e);
        }
    }

    /// <summary>Follows one watch to its end; answers whether it told anything.</summary>
    private async Task<bool> FollowOnceAsync(RemoteWatch? opened, CancellationToken cancellationToken)
    {
        var hasTold = false;
        try
        {
            using var watch = opened ?? await RemoteWatch.OpenAsync(_calls, _scope, _revision, _time, cancellationToken).ConfigureAwait(false);
            await foreach (var change in watch.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                Take(change);
                hasTold = true;
            }
        }
        catch (ApiException e) when (RemoteWatch.IsGap(e))
        {
            await TryListAgainAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or IOException or HttpRequestException)
        {
            // The server is away, or took the rights; it is asked again until the informer is ended.
        }

        return hasTold;
    }

    private async Task TryListAgainAsync(CancellationToken cancellationToken)
    {
        try
        {
            var list = await RemoteList.ReadAsync(_calls, _scope, cancellationToken).ConfigureAwait(false);
            var there = list.Items.Select(obj => obj.Name).ToHashSet();
            foreach (var gone in List().Where(known => !there.Contains(known.Name)))
            {
                Take(new WatchEvent(WatchEventType.Deleted, gone.At(list.Revision)));
            }

            foreach (var obj in list.Items)
            {
                Take(new WatchEvent(WatchEventType.Modified, obj));
            }

            _revision = list.Revision;
        }
        catch (ApiException)
        {
            // The watch will be refused again, and this tried again.
        }
    }

    // What the lookups know decides what the reader hears: the same change twice, or a name that has another object now, shows here.
    private void Take(WatchEvent change)
    {
        _revision = change.Object.Revision;
        if (change.Type == WatchEventType.Bookmark)
        {
            return;
        }

        lock (_lock)
        {
            var name = change.Object.Name;
            var known = _objects.GetValueOrDefault(name);
            if (change.Type == WatchEventType.Deleted)
            {
                if (_objects.Remove(name))
                {
                    _pending.Add(change);
                }

                return;
            }

            if (known is not null && known.Revision == change.Object.Revision && known.Body.Span.SequenceEqual(change.Object.Body.Span))
            {
                return;
            }

            _objects[name] = change.Object;
            if (known is not null && known.Metadata.Uid != change.Object.Metadata.Uid)
            {
                _pending.Add(new WatchEvent(WatchEventType.Deleted, known.At(change.Object.Revision)));
                known = null;
            }

            _pending.Add(new WatchEvent(known is null ? WatchEventType.Added : WatchEventType.Modified, change.Object));
        }
    }

    private ApiObject EndOfInitial(long revision)
    {
        var bookmark = new JsonObject { ["apiVersion"] = _scope.Resource.ApiVersion, ["kind"] = "", ["metadata"] = new JsonObject() };
        return new ApiObject(RemoteObjects.KindOf(bookmark), ObjectEncoding.Encode(bookmark), revision);
    }
}
