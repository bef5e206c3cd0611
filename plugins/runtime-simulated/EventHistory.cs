using System.Runtime.CompilerServices;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeSimulated;

/// <summary>The latest changes, each with its position. Positions of a later instance are higher. Thread-safe.</summary>
internal sealed class EventHistory
{
    private const int Capacity = 4096;
    private const long PositionsPerMillisecond = 1000;

    private readonly Lock _lock = new();
    private readonly Queue<RuntimeEvent> _events = new();
    private TaskCompletionSource _added = NewSignal();
    private long _position;
    private long _forgotten;

    public EventHistory(TimeProvider time)
    {
        _position = time.GetUtcNow().ToUnixTimeMilliseconds() * PositionsPerMillisecond;
        _forgotten = _position;
    }

    public long Position
    {
        get
        {
            lock (_lock)
            {
                return _position;
            }
        }
    }

    public void Add(ContainerState container)
    {
        TaskCompletionSource added;
        lock (_lock)
        {
            _events.Enqueue(new RuntimeEvent { Type = RuntimeEventType.ContainerChanged, Position = ++_position, Container = container });
            if (_events.Count > Capacity)
            {
                _forgotten = _events.Dequeue().Position;
            }

            (added, _added) = (_added, NewSignal());
        }

        added.SetResult();
    }

    public async IAsyncEnumerable<RuntimeEvent> FollowAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var (events, more) = After(after);
            foreach (var entry in events)
            {
                yield return entry;
                after = entry.Position;
            }

            await more.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // What came after a position, and a task that completes when there is more.
    private (IReadOnlyList<RuntimeEvent> Events, Task More) After(long position)
    {
        lock (_lock)
        {
            return position < _forgotten || position > _position
                ? ([new RuntimeEvent { Type = RuntimeEventType.Resync, Position = _position }], _added.Task)
                : ([.. _events.Where(entry => entry.Position > position)], _added.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
