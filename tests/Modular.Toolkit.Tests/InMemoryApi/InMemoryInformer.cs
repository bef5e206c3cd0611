using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Testing;

/// <summary>An informer that can be made to lag.</summary>
internal sealed class InMemoryInformer : IInformer
{
    private readonly Lock _gate = new();
    private readonly Channel<WatchEvent> _events = Channel.CreateUnbounded<WatchEvent>();
    private readonly Dictionary<ObjectName, ApiObject> _view = [];
    private readonly Queue<WatchEvent> _held = new();
    private bool _hold;

    public InMemoryInformer(ResourceScope scope, List<ApiObject> objects)
    {
        Scope = scope;
        foreach (var obj in objects)
        {
            Deliver(new WatchEvent(WatchEventType.Added, obj));
        }

        var marker = new ApiObject(new GroupVersionKind("", "v1", "Bookmark"), "{\"metadata\":{}}"u8.ToArray(), 1);
        _events.Writer.TryWrite(new WatchEvent(WatchEventType.Bookmark, marker));
    }

    public ResourceScope Scope { get; }

    public void Hold(bool hold)
    {
        lock (_gate)
        {
            _hold = hold;
            while (!hold && _held.TryDequeue(out var change))
            {
                Deliver(change);
            }
        }
    }

    public void Publish(WatchEvent change)
    {
        lock (_gate)
        {
            if (_hold)
            {
                _held.Enqueue(change);
            }
            else
            {
                Deliver(change);
            }
        }
    }

    public async IAsyncEnumerable<WatchEvent> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var change in _events.Reader.ReadAllAsync(cancellationToken))
        {
            yield return change;
        }
    }

    public ApiObject? Get(string ns, string name)
    {
        lock (_gate)
        {
            return _view.GetValueOrDefault(new ObjectName(ns, name));
        }
    }

    public IReadOnlyList<ApiObject> List(string ns = "")
    {
        lock (_gate)
        {
            return [.. _view.Values.Where(o => ns.Length == 0 || o.Metadata.Namespace == ns)];
        }
    }

    public ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private void Deliver(WatchEvent change)
    {
        if (change.Type == WatchEventType.Deleted)
        {
            _view.Remove(change.Object.Name);
        }
        else
        {
            _view[change.Object.Name] = change.Object;
        }

        _events.Writer.TryWrite(change);
    }
}
