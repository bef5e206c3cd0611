using Modular.Abstractions;
using Modular.PluginProcess.Contracts;

namespace Modular.PluginProcess.Tests;

/// <summary>A role that a test fills and empties, and that counts who uses it.</summary>
internal sealed class TestRole<T> : ContractHandle<T>
    where T : class
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (T Provider, string Id)? _current;
    private long _generation = 1;
    private int _held;

    public int Held => Volatile.Read(ref _held);

    public override bool IsAvailable => _current is not null;

    public override long Generation => Interlocked.Read(ref _generation);

    public void Fill(T provider, string id) => Switch((provider, id));

    public void Empty() => Switch(null);

    public override ContractLease<T> Acquire() => TryAcquire(out var lease) ? lease : throw new ContractUnavailableException(ContractAdapter.NameOf(typeof(T)));

    public override bool TryAcquire(out ContractLease<T> lease)
    {
        lock (_lock)
        {
            if (_current is not { } current)
            {
                lease = default;
                return false;
            }

            Interlocked.Increment(ref _held);
            lease = new ContractLease<T>(current.Provider, new PluginIdentity("role", current.Id, "0.1.0", 1), _generation, new Release(this));
            return true;
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

    private void Switch((T, string)? provider)
    {
        lock (_lock)
        {
            _current = provider;
            _generation++;
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Release(TestRole<T> role) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref role._held);
    }
}
