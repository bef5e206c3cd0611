using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>Turns one informer's events into keys: those of the new state and those of the state before it.</summary>
internal sealed class SourceFeed(ControllerSource source, IInformer informer, WorkQueue<ObjectName> queue)
{
    // References to the cache's own objects, so that a change also wakes what the object concerned before it.
    private readonly Dictionary<ObjectName, ApiObject> _last = [];
    private readonly HashSet<ObjectName> _keys = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Synced => _synced.Task;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in informer.ReadEventsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (change.Type == WatchEventType.Bookmark)
            {
                _synced.TrySetResult();
                continue;
            }

            var name = change.Object.Name;
            if (_last.TryGetValue(name, out var old))
            {
                CollectKeys(old);
            }

            CollectKeys(change.Object);
            AddKeys();
            if (change.Type == WatchEventType.Deleted)
            {
                _last.Remove(name);
            }
            else
            {
                _last[name] = change.Object;
            }
        }
    }

    private void CollectKeys(ApiObject obj)
    {
        foreach (var key in source.Keys(obj))
        {
            _keys.Add(key);
        }
    }

    // Each key once: a worker may take it between two additions and would come back for the second.
    private void AddKeys()
    {
        foreach (var key in _keys)
        {
            queue.Add(key);
        }

        _keys.Clear();
    }
}
