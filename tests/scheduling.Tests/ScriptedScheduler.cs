using System.Collections.Concurrent;
using Modular.Abstractions;

namespace Modular.Plugins.Scheduling.Tests;

/// <summary>Decides what the test says and remembers what it was told.</summary>
internal sealed class ScriptedScheduler(Func<SchedulingPod, int, Placement> decide) : IScheduler
{
    private int _sessions;
    private int _asked;

    public ConcurrentQueue<ClusterDelta> Deltas { get; } = new();

    public int OpenSessions => Volatile.Read(ref _sessions);

    public ValueTask<ISchedulingSession> OpenAsync(SchedulingSessionOptions options, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _sessions);
        return ValueTask.FromResult<ISchedulingSession>(new Session(this));
    }

    private sealed class Session(ScriptedScheduler owner) : ISchedulingSession
    {
        public ValueTask<bool> UpdateAsync(ClusterDelta delta, CancellationToken cancellationToken)
        {
            owner.Deltas.Enqueue(delta);
            return ValueTask.FromResult(true);
        }

        public ValueTask<IReadOnlyList<Placement>> PlaceAsync(IReadOnlyList<SchedulingPod> pods, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<Placement>>([.. pods.Select(p => owner.Decide(p))]);

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref owner._sessions);
            return ValueTask.CompletedTask;
        }
    }

    private Placement Decide(SchedulingPod pod) => decide(pod, _asked++);
}
