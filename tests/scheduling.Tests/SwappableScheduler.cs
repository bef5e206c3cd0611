using Modular.Abstractions;

namespace Modular.Plugins.Scheduling.Tests;

/// <summary>A handle whose provider tests exchange; counts leases.</summary>
internal sealed class SwappableScheduler : ContractHandle<IScheduler>
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (string Id, IScheduler Scheduler)? _provider;
    private long _generation = 1;
    private int _leases;

    public override bool IsAvailable => _provider is not null;

    public override long Generation => Interlocked.Read(ref _generation);

    public int Leases => Volatile.Read(ref _leases);

    public void Swap(string id, IScheduler? scheduler)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _provider = scheduler is null ? null : (id, scheduler);
            Interlocked.Increment(ref _generation);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    public override ContractLease<IScheduler> Acquire() =>
        TryAcquire(out var lease) ? lease : throw new ContractUnavailableException("modular.scheduler");

    public override bool TryAcquire(out ContractLease<IScheduler> lease)
    {
        lock (_gate)
        {
            if (_provider is not { } provider)
            {
                lease = default;
                return false;
            }

            Interlocked.Increment(ref _leases);
            lease = new ContractLease<IScheduler>(
                provider.Scheduler, new PluginIdentity("scheduler", provider.Id, "0.1.0", 1), _generation, new Release(this));
            return true;
        }
    }

    public override IReadOnlyList<ContractLease<IScheduler>> AcquireAll() => TryAcquire(out var lease) ? [lease] : [];

    public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return generation != _generation ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
        }
    }

    private sealed class Release(SwappableScheduler owner) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref owner._leases);
    }
}
