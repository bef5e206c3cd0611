using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Modular.Abstractions;

namespace Modular.Fixtures;

/// <summary>Those whom a test has tried; it counts who uses them and remembers what is said of their trials.</summary>
internal sealed class TestCandidates<T> : CandidateHandle<T>
    where T : class
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (T Plugin, PluginIdentity Identity, Trial Trial)? _current;
    private long _generation = 1;
    private int _held;

    public int Held => Volatile.Read(ref _held);

    /// <summary>What was said, in its order.</summary>
    public ConcurrentQueue<string> Said { get; } = new();

    public override long Generation => Interlocked.Read(ref _generation);

    /// <summary>Tries one, or nobody, in place of whoever was tried before.</summary>
    public void Try(T? plugin, long epoch, Trial trial)
    {
        lock (_lock)
        {
            _current = plugin is null ? null : (plugin, new PluginIdentity("tried", "scheduler-tried", "0.1.0", epoch), trial);
            _generation++;
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public override IReadOnlyList<Candidate<T>> AcquireAll()
    {
        lock (_lock)
        {
            if (_current is not { } current)
            {
                return [];
            }

            Interlocked.Increment(ref _held);
            var lease = new ContractLease<T>(current.Plugin, current.Identity, _generation, new Use(this));
            return [new Candidate<T>(lease, current.Trial, new Use(this))];
        }
    }

    public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return generation != _generation ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
        }
    }

    private sealed class Use(TestCandidates<T> candidates) : IDisposable, ITrialObserver
    {
        public void Report(JsonObject report) => candidates.Said.Enqueue(report.ToJsonString());

        public void Reject(string reason, string message) => candidates.Said.Enqueue($"{reason}: {message}");

        public void Dispose() => Interlocked.Decrement(ref candidates._held);
    }
}
