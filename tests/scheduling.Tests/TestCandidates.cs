using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Modular.Abstractions;

namespace Modular.Plugins.Scheduling.Tests;

/// <summary>A handle whose candidates tests choose; remembers what is said of them. One that is rejected goes, as the host has it.</summary>
internal sealed class TestCandidates : CandidateHandle<IScheduler>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (IScheduler Scheduler, Trial Trial, long Epoch)> _candidates = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _generation = 1;
    private int _leases;

    public override long Generation => Interlocked.Read(ref _generation);

    public int Leases => Volatile.Read(ref _leases);

    public ConcurrentQueue<(string Reason, string Message)> Rejections { get; } = new();

    public ConcurrentDictionary<string, JsonObject> Reports { get; } = new();

    public void Put(string name, IScheduler scheduler, Trial trial) => Change(() => _candidates[name] = (scheduler, trial, _generation));

    public void Remove(string name) => Change(() => _candidates.Remove(name));

    public override IReadOnlyList<Candidate<IScheduler>> AcquireAll()
    {
        lock (_gate)
        {
            return [.. _candidates.Select(c => Acquire(c.Key, c.Value.Scheduler, c.Value.Trial, c.Value.Epoch))];
        }
    }

    public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return generation != _generation ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
        }
    }

    private Candidate<IScheduler> Acquire(string name, IScheduler scheduler, Trial trial, long epoch)
    {
        Interlocked.Increment(ref _leases);
        var identity = new PluginIdentity(name, $"scheduler-{name}", "0.1.0", epoch);
        return new(new ContractLease<IScheduler>(scheduler, identity, _generation, new Release(this)), trial, new Observer(this, name));
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            Interlocked.Increment(ref _generation);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    private sealed class Release(TestCandidates owner) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref owner._leases);
    }

    private sealed class Observer(TestCandidates owner, string name) : ITrialObserver
    {
        public void Report(JsonObject report) => owner.Reports[name] = report;

        public void Reject(string reason, string message)
        {
            owner.Rejections.Enqueue((reason, message));
            owner.Remove(name);
        }
    }
}
