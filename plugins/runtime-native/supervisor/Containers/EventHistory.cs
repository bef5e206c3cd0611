using Modular.RuntimeNative.Protocol;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>The latest changes, each with its position. Positions of a later supervisor are always higher.</summary>
internal sealed class EventHistory
{
    private const int Capacity = 4096;
    private const long PositionsPerMillisecond = 1000;

    private readonly Lock _lock = new();
    private readonly Queue<EventRecord> _events = new();
    private TaskCompletionSource _added = NewSignal();
    private long _forgotten;

    public EventHistory(TimeProvider time)
    {
        Position = time.GetUtcNow().ToUnixTimeMilliseconds() * PositionsPerMillisecond;
        _forgotten = Position;
    }

    public long Position { get; private set; }

    public void Add(ContainerReport container)
    {
        TaskCompletionSource added;
        lock (_lock)
        {
            _events.Enqueue(new EventRecord(++Position, container));
            if (_events.Count > Capacity)
            {
                _forgotten = _events.Dequeue().Position;
            }

            (added, _added) = (_added, NewSignal());
        }

        added.SetResult();
    }

    /// <summary>What came after a position, and a task that completes when there is more.</summary>
    public (IReadOnlyList<EventRecord> Events, Task More) After(long position)
    {
        lock (_lock)
        {
            if (position < _forgotten || position > Position)
            {
                return ([new EventRecord(Position, null)], _added.Task);
            }

            return ([.. _events.Where(entry => entry.Position > position)], _added.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
