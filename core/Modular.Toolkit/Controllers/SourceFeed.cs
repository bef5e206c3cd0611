using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>Turns one informer's events into keys: those of the new state and those of the state before it.</summary>
internal sealed class SourceFeed(ControllerSource source, IInformer informer, WorkQueue<ObjectName> queue)
{
    // References to the cache's own objects, so that a change also wakes what the object concerned before it.
    private readonly Dictionary<ObjectName, ApiObject> _last = [];
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
                AddKeys(old);
            }

            AddKeys(change.Object);
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

    private void AddKeys(ApiObject obj)
    {
        foreach (var key in source.Keys(obj))
        {
            queue.Add(key);
        }
    }
}
