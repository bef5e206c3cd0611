using Modular.Abstractions;

namespace Modular.Plugins.ServiceRouting.Tests;

/// <summary>A handle whose provider tests exchange.</summary>
internal sealed class SwappableRole<T> : ContractHandle<T>
    where T : class
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _provider;
    private long _generation = 1;

    public override bool IsAvailable => _provider is not null;

    public override long Generation => Interlocked.Read(ref _generation);

    public void Swap(T? provider)
    {
        lock (_lock)
        {
            _provider = provider;
            Interlocked.Increment(ref _generation);
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public override ContractLease<T> Acquire() => TryAcquire(out var lease) ? lease : throw new ContractUnavailableException(typeof(T).Name);

    public override bool TryAcquire(out ContractLease<T> lease)
    {
        lock (_lock)
        {
            lease = _provider is null
                ? default
                : new ContractLease<T>(_provider, new PluginIdentity("role", "receiver", "0.1.0", 1), _generation, null);
            return _provider is not null;
        }
    }

    public override IReadOnlyList<ContractLease<T>> AcquireAll() => TryAcquire(out var lease) ? [lease] : [];

    public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return generation != _generation ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
        }
    }
}
