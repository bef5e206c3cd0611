namespace Modular.Abstractions;

/// <summary>
/// A consumer's hold on a contract. It stays valid while providers come, go and are exchanged; each use is a lease, and draining an old
/// provider waits for its leases. Thread-safe.
/// </summary>
public abstract class ContractHandle<T>
    where T : class
{
    /// <summary>True if somebody provides the contract now.</summary>
    public abstract bool IsAvailable { get; }

    /// <summary>Changes whenever the provider does; a consumer with a session on an old one opens a new session.</summary>
    public abstract long Generation { get; }

    /// <summary>Leases the provider. Dispose the lease after the call, or at the end of the session.</summary>
    /// <exception cref="ContractUnavailableException">Nobody provides the contract.</exception>
    public abstract ContractLease<T> Acquire();

    /// <summary>Leases the provider if there is one.</summary>
    public abstract bool TryAcquire(out ContractLease<T> lease);

    /// <summary>All providers of a contract of many, each leased, in order. Dispose every lease.</summary>
    public abstract IReadOnlyList<ContractLease<T>> AcquireAll();

    /// <summary>
    /// Completes when <see cref="Generation"/> is no longer the given one, or at once if it already is another.
    /// </summary>
    public abstract Task WaitForChangeAsync(long generation, CancellationToken cancellationToken);
}

/// <summary>One counted use of a provider.</summary>
public readonly struct ContractLease<T> : IDisposable, IEquatable<ContractLease<T>>
    where T : class
{
    private readonly IDisposable? _release;

    /// <summary>Made by the host.</summary>
    public ContractLease(T value, PluginIdentity provider, long generation, IDisposable? release)
    {
        Value = value;
        Provider = provider;
        Generation = generation;
        _release = release;
    }

    /// <summary>The provider; valid until the lease is disposed.</summary>
    public T Value { get; }

    /// <summary>Who provides it.</summary>
    public PluginIdentity Provider { get; }

    /// <summary>The generation of the handle this lease belongs to.</summary>
    public long Generation { get; }

    /// <summary>An optional feature of the provider, if its manifest lists it.</summary>
    public TFeature? TryGet<TFeature>()
        where TFeature : class => Value as TFeature;

    /// <inheritdoc />
    public void Dispose() => _release?.Dispose();

    /// <inheritdoc />
    public bool Equals(ContractLease<T> other) => ReferenceEquals(Value, other.Value) && Generation == other.Generation;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is ContractLease<T> other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Value, Generation);

    /// <summary>Same provider, same generation.</summary>
    public static bool operator ==(ContractLease<T> left, ContractLease<T> right) => left.Equals(right);

    /// <summary>Another provider or generation.</summary>
    public static bool operator !=(ContractLease<T> left, ContractLease<T> right) => !left.Equals(right);
}

/// <summary>Nobody provides a contract that was asked for.</summary>
public sealed class ContractUnavailableException(string contract)
    : Exception($"no plugin provides {contract}; 'modular plugins ls' shows which plugins run")
{
    /// <summary>The contract's name.</summary>
    public string Contract { get; } = contract;
}
