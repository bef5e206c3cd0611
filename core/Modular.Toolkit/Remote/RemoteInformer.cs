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
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly RemoteCalls _calls;
    private readonly ResourceScope _scope;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectName, ApiObject> _objects = [];
    private readonly PendingEvents _pending = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly ApiObjectList _initial;
    private readonly Task _following;
    private long _revision;

    private RemoteInformer(RemoteCalls calls, ResourceScope scope, TimeProvider time, ApiObjectList list)
    {
        _calls = calls;
        _scope = scope;
        _time = time;
        _initial = list;
        _revision = list.Revision;
        foreach (var obj in list.Items)
        {
            _objects[obj.Name] = obj;
        }

        _following = FollowAsync(_ended.Token);
    }

    /// <exception cref="ApiException">The server refused, or can't be reached.</exception>
    public static async ValueTask<RemoteInformer> OpenAsync(RemoteCalls calls, ResourceScope scope, TimeProvider time, CancellationToken cancellationToken) =>
        new(calls, scope, time, await RemoteList.ReadAsync(calls, scope, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc />
    public async IAsyncEnumerable<WatchEvent> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var obj in _initial.Items)
        {
            yield return new WatchEvent(WatchEventType.Added, obj);
        }

        yield return new WatchEvent(WatchEventType.Bookmark, EndOfInitial());
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

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in RemoteWatch.ReadAsync(_calls, _scope, _revision, cancellationToken).ConfigureAwait(false))
                {
                    Take(change);
                    pause = FirstPause;
                }
            }
            catch (ApiException e) when (e.Reason is StatusReason.Expired or StatusReason.Gone)
            {
                await TryListAgainAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ApiException or IOException or HttpRequestException)
            {
                // The server is away, or took the rights; it is asked again until the informer is ended.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
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
        catch (Exception e) when (e is ApiException or OperationCanceledException)
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

            if (known is not null && known.Revision == change.Object.Revision)
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

    private ApiObject EndOfInitial()
    {
        var bookmark = new JsonObject { ["apiVersion"] = _scope.Resource.ApiVersion, ["kind"] = "", ["metadata"] = new JsonObject() };
        return new ApiObject(RemoteObjects.KindOf(bookmark), ObjectEncoding.Encode(bookmark), _initial.Revision);
    }
}
