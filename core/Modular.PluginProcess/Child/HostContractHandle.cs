using System.Globalization;
using Grpc.Core;
using Modular.Abstractions;
using Modular.PluginProcess.Contracts;

namespace Modular.PluginProcess.Child;

/// <summary>A handle on whoever provides a contract to the host. What a lease is asked goes to its generation, or fails. Thread-safe.</summary>
/// <param name="contract">The contract's name.</param>
/// <param name="reach">Makes calls, with a header, of what a plugin with some optional features is asked.</param>
internal sealed class HostContractHandle<T>(string contract, Func<PluginIdentity, long, Metadata.Entry, IReadOnlyList<string>, T> reach) : ContractHandle<T>
    where T : class
{
    private volatile State _current = new(null, null, long.MinValue);

    public override bool IsAvailable => _current.Implementation is not null;

    public override long Generation => _current.Generation;

    public override ContractLease<T> Acquire() => TryAcquire(out var lease) ? lease : throw new ContractUnavailableException(contract);

    public override bool TryAcquire(out ContractLease<T> lease)
    {
        // Nothing is counted here: the host leases the provider for each call.
        var current = _current;
        lease = current.Implementation is null ? default : new ContractLease<T>(current.Implementation, current.Provider!, current.Generation, null);
        return current.Implementation is not null;
    }

    public override IReadOnlyList<ContractLease<T>> AcquireAll() => TryAcquire(out var lease) ? [lease] : [];

    public override Task WaitForChangeAsync(long generation, CancellationToken cancellationToken)
    {
        var current = _current;
        return current.Generation == generation ? current.Replaced.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Takes in who provides it now; null for nobody.</summary>
    public void Show(PluginIdentity? provider, long generation, IReadOnlyList<string> features)
    {
        var old = _current;
        if (old.Generation != generation)
        {
            var header = new Metadata.Entry(ProcessProtocol.GenerationHeader, generation.ToString(CultureInfo.InvariantCulture));
            _current = new State(provider, provider is null ? null : reach(provider, generation, header, features), generation);
            old.Replaced.SetResult();
        }
    }

    private sealed record State(PluginIdentity? Provider, T? Implementation, long Generation)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
